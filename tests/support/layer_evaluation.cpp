#include "support/layer_evaluation.h"

#include <algorithm>
#include <cstring>
#include <stdexcept>

#include "machine/vector_arithmetic.h"

namespace northpole::tests {

using isa::Word;
using lower::Layer;
using lower::StoredTensor;
using lower::View;

namespace {

constexpr std::int32_t lanes = 32;

// Element `index` of packed ones, low bits of a byte first.
std::int32_t element(const void* bytes, std::size_t index, std::int32_t bits, bool is_signed) {
  const std::size_t first = index * static_cast<std::size_t>(bits);
  const std::int32_t code = static_cast<const std::uint8_t*>(bytes)[first / 8] >> first % 8 & ((1 << bits) - 1);
  return is_signed && code >> (bits - 1) != 0 ? code - (1 << bits) : code;
}

void set_element(Word& word, std::size_t index, std::int32_t bits, std::int32_t code) {
  for (std::int32_t bit = 0; bit < bits; ++bit) {
    const std::size_t at = index * static_cast<std::size_t>(bits) + static_cast<std::size_t>(bit);
    word[at / 8] = static_cast<std::uint8_t>((word[at / 8] & ~(1 << at % 8)) | (code >> bit & 1) << at % 8);
  }
}

std::size_t place(const StoredTensor& tensor, std::int32_t block, std::int32_t y, std::int32_t x) {
  return static_cast<std::size_t>((block * tensor.height + y) * tensor.width + x);
}

}  // namespace

void LayerEvaluation::run(const std::vector<std::int32_t>& input) {
  for (Words& words : words_) words.clear();
  pack(input);
  for (const Layer& layer : graph_.layers) {
    const StoredTensor& output = graph_.tensors[static_cast<std::size_t>(layer.output)];
    words_[static_cast<std::size_t>(layer.output)].assign(
        static_cast<std::size_t>(output.blocks() * output.height * output.width), Word{});
    if (layer.kind == lower::LayerKind::linear)
      linear(layer);
    else
      vector_unit(layer);
  }
}

void LayerEvaluation::pack(const std::vector<std::int32_t>& input) {
  const program::FrameLayout& layout = graph_.input.layout;
  const StoredTensor& tensor = graph_.tensors[static_cast<std::size_t>(graph_.input.tensor)];
  Words& words = words_[static_cast<std::size_t>(graph_.input.tensor)];
  const auto lanes_of_word = static_cast<std::size_t>(tensor.block_channels());
  if (layout.blocks != static_cast<std::uint32_t>(tensor.blocks()) ||
      layout.height != static_cast<std::uint32_t>(tensor.height) ||
      layout.width != static_cast<std::uint32_t>(tensor.width) || layout.bits != tensor.quantization.bits)
    throw std::logic_error("the input's frame has another size than its tensor");
  words.assign(std::size_t{layout.blocks} * layout.height * layout.width, Word{});
  for (std::size_t at = 0; at < words.size(); ++at)
    for (std::size_t lane = 0; lane < lanes_of_word; ++lane) {
      const std::size_t index = at / layout.height / layout.width * lanes_of_word + lane;
      const auto y = static_cast<std::int64_t>(at / layout.width % layout.height * layout.step_y) +
                     layout.offset_y[index],
                 x = static_cast<std::int64_t>(at % layout.width * layout.step_x) + layout.offset_x[index];
      const bool inside =
          layout.channel[index] >= 0 && y >= 0 && y < layout.tensor_height && x >= 0 && x < layout.tensor_width;
      set_element(words[at], lane, layout.bits,
                  inside ? input[static_cast<std::size_t>(
                               (layout.channel[index] * static_cast<std::int64_t>(layout.tensor_height) + y) *
                                   layout.tensor_width +
                               x)]
                         : layout.padding);
    }
}

Word LayerEvaluation::word(const View& view, std::int32_t block, std::int32_t y, std::int32_t x) const {
  const lower::ViewBlock& from = view.blocks.at(static_cast<std::size_t>(block));
  const lower::SpatialMap& map = view.maps.at(static_cast<std::size_t>(from.map));
  const std::int32_t row = map.row.at(static_cast<std::size_t>(y)), column = map.column.at(static_cast<std::size_t>(x));
  if (row < 0 || column < 0) {
    Word padding{};
    for (std::int32_t i = 0; i < view.block_channels(); ++i)
      set_element(padding, static_cast<std::size_t>(i), view.quantization.bits, view.padding);
    return padding;
  }
  const auto tensor = static_cast<std::size_t>(from.tensor);
  if (words_[tensor].empty())
    throw std::logic_error("a layer reads tensor '" + graph_.tensors[tensor].name + "' too early");
  return words_[tensor].at(place(graph_.tensors[tensor], from.block, row, column));
}

std::vector<std::int32_t> LayerEvaluation::group(const View& view, std::int32_t lane_group, std::int32_t y,
                                                 std::int32_t x) const {
  const std::int32_t groups = view.block_channels() / lanes;
  const Word from = word(view, lane_group / groups, y, x);
  std::vector<std::int32_t> result;
  for (std::int32_t lane = 0; lane < lanes; ++lane)
    result.push_back(element(from.data(), static_cast<std::size_t>(lane_group % groups * lanes + lane),
                             view.quantization.bits, view.quantization.is_signed));
  return result;
}

void LayerEvaluation::linear(const Layer& layer) {
  const View& view = layer.inputs.at(0);
  const StoredTensor& output = graph_.tensors[static_cast<std::size_t>(layer.output)];
  const std::int32_t channels = view.block_channels();
  const lower::Weights& weights = layer.weights;
  for (std::int32_t g = 0; g < output.lane_groups(); ++g)
    for (std::int32_t y = 0; y < output.height; ++y)
      for (std::int32_t x = 0; x < output.width; ++x) {
        std::vector<std::int32_t> sums(lanes, 0);
        for (std::int32_t r = 0; r < layer.window_height; ++r)
          for (std::int32_t c = 0; c < layer.window_width; ++c)
            for (std::int32_t i = 0; i < weights.used_blocks; ++i) {
              const Word activations = word(view, weights.first_block.at(static_cast<std::size_t>(g)) + i,
                                            y * layer.stride_y + r * layer.dilation_y,
                                            x / layer.phases * layer.stride_x + c * layer.dilation_x);
              const std::int32_t block =
                  (((x % layer.phases * output.lane_groups() + g) * layer.window_height + r) * layer.window_width + c) *
                      weights.used_blocks +
                  i;
              const std::size_t first = static_cast<std::size_t>(block) * static_cast<std::size_t>(weights.block_bytes);
              if (first + static_cast<std::size_t>(weights.block_bytes) > weights.bytes.size())
                throw std::logic_error("layer '" + layer.name + "' has too few weights");
              for (std::int32_t lane = 0; lane < lanes; ++lane)
                for (std::int32_t k = 0; k < channels; ++k)
                  sums[static_cast<std::size_t>(lane)] +=
                      element(weights.bytes.data() + first, static_cast<std::size_t>(lane * channels + k), weights.bits,
                              true) *
                      element(activations.data(), static_cast<std::size_t>(k), view.quantization.bits,
                              view.quantization.is_signed);
            }
        const auto* constants = layer.lane_constants.data() + g * layer.lane_words;
        std::int32_t bias[lanes];
        float scale[lanes];
        std::memcpy(bias, constants, sizeof bias);
        std::memcpy(scale, constants + 4, sizeof scale);
        std::vector<std::int32_t> requantized(lanes);
        float offset[lanes];
        const bool has_offset = layer.function.operation == isa::VectorOperation::offset;
        if (has_offset) std::memcpy(offset, constants + 8, sizeof offset);
        machine::requantize(sums.data(), bias, scale, has_offset ? offset : nullptr, layer.function.middle_lowest,
                            layer.function.middle_highest, requantized.data());
        std::vector<std::int32_t> second;
        if (layer.inputs.size() == 2) second = group(layer.inputs[1], g, y, x);
        finish(layer, g, y, x, requantized, layer.inputs.size() == 2 ? &second : nullptr);
      }
}

void LayerEvaluation::vector_unit(const Layer& layer) {
  const StoredTensor& output = graph_.tensors[static_cast<std::size_t>(layer.output)];
  for (std::int32_t g = 0; g < output.lane_groups(); ++g)
    for (std::int32_t y = 0; y < output.height; ++y)
      for (std::int32_t x = 0; x < output.width; ++x) {
        std::vector<std::int32_t> source, second;
        for (std::int32_t r = 0; r < layer.window_height; ++r)
          for (std::int32_t c = 0; c < layer.window_width; ++c) {
            const bool one = layer.broadcast == 0;
            const auto lanes_here = group(layer.inputs.at(0), g, one ? 0 : y * layer.stride_y + r * layer.dilation_y,
                                          one ? 0 : x * layer.stride_x + c * layer.dilation_x);
            for (std::size_t lane = 0; lane < lanes_here.size(); ++lane)
              if (source.size() <= lane)
                source.push_back(lanes_here[lane]);
              else
                source[lane] = std::max(source[lane], lanes_here[lane]);
          }
        for (auto& lane : source) lane -= layer.function.source_zero;
        if (layer.inputs.size() == 2)
          second = group(layer.inputs[1], g, layer.broadcast == 1 ? 0 : y, layer.broadcast == 1 ? 0 : x);
        finish(layer, g, y, x, source, layer.inputs.size() == 2 ? &second : nullptr);
      }
}

void LayerEvaluation::finish(const Layer& layer, std::int32_t lane_group, std::int32_t y, std::int32_t x,
                             const std::vector<std::int32_t>& source, const std::vector<std::int32_t>* second) {
  const isa::VectorFunction& f = layer.function;
  const StoredTensor& output = graph_.tensors[static_cast<std::size_t>(layer.output)];
  const bool sums = layer.kind == lower::LayerKind::linear;
  // The function must say of its operands what they are.
  const auto agrees = [](std::uint8_t bits, bool is_signed, std::int32_t zero, const lower::Quantization& q) {
    return bits == q.bits && is_signed == q.is_signed && zero == q.zero_point;
  };
  if ((sums ? f.source != isa::VectorSource::partial_sum || f.source_bits != 8
            : !agrees(f.source_bits, f.source_signed, f.source_zero, layer.inputs[0].quantization)) ||
      (second != nullptr ? f.second != isa::VectorSecond::memory ||
                               !agrees(f.second_bits, f.second_signed, f.second_zero, layer.inputs[1].quantization)
                         : f.second == isa::VectorSecond::memory || f.second_bits != 8) ||
      f.output_bits != output.quantization.bits || f.output_zero != output.quantization.zero_point ||
      f.output_lowest < output.quantization.lowest() || f.output_highest > output.quantization.highest())
    throw std::logic_error("layer '" + layer.name + "' has a function for other operands");
  std::vector<std::int32_t> relative(lanes, 0);
  if (second != nullptr)
    for (std::size_t lane = 0; lane < lanes; ++lane) relative[lane] = (*second)[lane] - f.second_zero;
  float constants[lanes] = {};
  if (f.second == isa::VectorSecond::constant)
    std::memcpy(constants, layer.lane_constants.data() + lane_group * layer.lane_words + (sums ? 8 : 0),
                sizeof constants);
  std::uint8_t codes[lanes];
  machine::apply(f, precision_, source.data(), relative.data(), constants, codes);
  Word& to = words_[static_cast<std::size_t>(layer.output)][place(output, lane_group / output.groups_of_block(), y, x)];
  for (std::int32_t lane = 0; lane < lanes; ++lane)
    set_element(to, static_cast<std::size_t>(lane_group % output.groups_of_block() * lanes + lane),
                output.quantization.bits, codes[lane]);
}

std::vector<std::int32_t> LayerEvaluation::codes(std::size_t tensor) const {
  const StoredTensor& stored = graph_.tensors[tensor];
  std::vector<std::int32_t> result;
  for (std::int32_t c = 0; c < stored.channels; ++c)
    for (std::int32_t y = 0; y < stored.height; ++y)
      for (std::int32_t x = 0; x < stored.width; ++x)
        result.push_back(element(words_[tensor].at(place(stored, c / stored.block_channels(), y, x)).data(),
                                 static_cast<std::size_t>(c % stored.block_channels()), stored.quantization.bits,
                                 stored.quantization.is_signed));
  return result;
}

}  // namespace northpole::tests
