#include "support/random_network.h"

#include "support/network_generator.h"

namespace northpole::tests {

using network::ElementType;
using network::Shape;

namespace {

chip::ChipDescription random_chip(NetworkGenerator& random) {
  chip::ChipDescription chip;
  struct Size {
    std::uint32_t rows, columns;
  };
  const Size size = random.any_of<Size>({{16, 16},
                                         {8, 8},
                                         {8, 8},
                                         {4, 4},
                                         {4, 4},
                                         {3, 5},
                                         {2, 7},
                                         {1, 1},
                                         {1, 4},
                                         {6, 1},
                                         {5, 3},
                                         {32, 32},
                                         {1, 16},
                                         {16, 2}});
  chip.rows = size.rows;
  chip.columns = size.columns;
  const bool small = chip.cores() < 8;
  chip.bank_words =
      small ? random.any_of<std::uint32_t>({16384, 12000}) : random.any_of<std::uint32_t>({6144, 6144, 4096, 3000});
  if (random.chance(0.3)) chip.weight_blocks = random.any_of<std::uint32_t>({1, 2, 3, 8, 13, 16, 32, 128});
  if (random.chance(0.3)) chip.partial_sums = random.any_of<std::uint32_t>({1, 2, 5, 32, 64, 100, 256});
  if (random.chance(0.2)) chip.model_lanes = random.any_of<std::uint32_t>({1, 2});
  if (random.chance(0.2)) chip.vmm_latency = random.any_of<std::uint32_t>({1, 2, 7});
  if (random.chance(0.2)) chip.vector_latency = random.any_of<std::uint32_t>({2, 3, 11, 16});
  if (random.chance(0.2)) chip.partial_sum_link_cycles = random.any_of<std::uint32_t>({1, 3, 4});
  if (random.chance(0.2)) chip.constant_words = random.any_of<std::uint32_t>({10, 16, 24, 128});
  if (random.chance(0.15)) chip.program_words = random.any_of<std::uint32_t>({100, 128, 200});
  if (random.chance(0.15)) {
    chip.banks = random.any_of<std::uint32_t>({5, 6, 8, 16});
    chip.bank_words = chip.bank_words * 4 / chip.banks;
  } else if (random.chance(0.15)) {
    chip.bank_words = chip.bank_words / random.any_of<std::uint32_t>({2, 3, 6});
  }
  if (random.chance(0.3)) chip.vector_precision = chip::VectorPrecision::fp32;
  if (random.chance(0.2)) chip.word_link_cycles = random.any_of<std::uint32_t>({2, 3});
  return chip;
}

}  // namespace

void NetworkGenerator::input() {
  const Shape shape{1, any_of<std::int64_t>({1, 2, 3, 3, 4, 8, 16, 31, 33, 48}), between(1, 14), between(1, 14)};
  graph.inputs.push_back({"picture", ElementType::float32, shape});
  Value value;
  quantization_for(chance(0.7) ? -real(0.5, 3) : 0, real(0.5, 3), value);
  keep(quantized_as("picture", shape, value));
}

void NetworkGenerator::step() {
  // Convolutions most often, as in life.
  const std::int64_t kind = below(30);
  if (!values_.back().picture()) {
    switch (kind % 10) {
      case 0:
      case 1:
      case 2:
        return matrix_product();
      case 3:
        return two_tensors();
      case 4:
        return with_constant();
      case 5:
        return function();
      case 6:
        return chance(0.5) ? concatenate() : requantize();
      case 7:
        return chance(0.5) ? slice() : split();
      default:
        return flatten_or_back();
    }
  }
  switch (kind) {
    case 0:
    case 1:
    case 2:
    case 3:
    case 4:
    case 5:
    case 6:
      return convolution();
    case 7:
      return matrix_product();
    case 8:
    case 9:
      return average();
    case 10:
    case 11:
      return maximum();
    case 12:
    case 13:
    case 14:
      return two_tensors();
    case 15:
    case 16:
      return squeeze_and_excite();
    case 17:
    case 18:
      return with_constant();
    case 19:
    case 20:
      return function();
    case 21:
    case 22:
      return concatenate();
    case 23:
      return slice();
    case 24:
      return split();
    case 25:
      return pad();
    case 26:
      return chance(0.6) ? shuffle() : space_to_depth();
    case 27:
      return resize();
    case 28:
      return requantize();
    default:
      return flatten_or_back();
  }
}

void NetworkGenerator::finish() {
  // Moves alone would leave nothing to compute.
  if (!values_.back().computed || chance(0.1)) {
    values_ = {values_.back()};
    function();
  }
  const Value last = values_.back();
  std::string value = last.name;
  ElementType type = ElementType::float32;
  if (!last.picture() && chance(0.7)) {
    if (chance(0.6)) value = node("Softmax", {value}, {{"axis", std::int64_t{-1}}})[0];
    if (chance(0.4)) {
      value = node("ArgMax", {value}, {{"axis", std::int64_t{1}}, {"keepdims", std::int64_t{chance(0.5)}}})[0];
      type = ElementType::int64;
    }
  }
  graph.outputs.push_back({value, type, {}});
  if (chance(0.2) && values_.size() > 2) {
    const Value& other = values_[static_cast<std::size_t>(between(1, static_cast<std::int64_t>(values_.size()) - 2))];
    graph.outputs.push_back({other.name, ElementType::float32, {}});
  }
}

RandomNetwork random_network(std::uint64_t seed, Bits bits) {
  NetworkGenerator machine(seed * 2654435761U + 1, 1, Bits::eight);
  RandomNetwork result;
  result.chip = random_chip(machine);
  // A tensor larger than this would not fit into the smallest arrays.
  NetworkGenerator generator(seed, result.chip.cores() < 4 ? 6000 : 14000, bits);
  generator.graph.name = "random-" + std::to_string(seed);
  generator.graph.source = generator.graph.name + ".onnx";
  generator.graph.opset = 17;
  generator.input();
  const std::int64_t steps = generator.between(2, 9);
  for (std::int64_t i = 0; i < steps; ++i) generator.step();
  generator.finish();
  result.graph = std::move(generator.graph);
  return result;
}

}  // namespace northpole::tests
