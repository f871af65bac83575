// Words of 4- and 2-bit elements: random programs that write them part by part, multiply with them at every pair of
// widths, read them at other widths, and send, watch and hand them out.
#include <cstring>

#include "same_run.h"
#include "support/program_builder.h"

namespace northpole::tests {
namespace {

constexpr std::uint16_t bank = 256, constants_at = 2 * bank + 100, own = 5, second = 6, frame_tag = 7;
constexpr std::uint16_t input_at = bank + 80, parts_at = 3 * bank + 80, results_at = 80;

class NarrowProgram {
 public:
  explicit NarrowProgram(unsigned seed) : random_(seed), b_(chip()) {}

  std::shared_ptr<const program::Program> build() {
    furnish();
    b_.input_frame(frame_tag, 0, 2);
    b_.edge_send(10, 0, repeat(2, 1, {1, 0, 0, 0}, send({0, frame_tag}, 1, 1)));
    b_.at(12, 0, repeat(2, 1, {0, 0, 0, 1}, receive({input_at, frame_tag})));
    b_.at(0, 0, repeat(24, 1, {1, 0, 1, 0}, constants({constants_at}, 0)));
    b_.at(0, 1, repeat(24, 1, {1, 0, 1, 0}, constants({constants_at}, 0)));
    b_.at(40, 0, repeat(8, 1, {1, 0, 0, 0}, send_weights({0}, {0, 4}, 1, 1)));
    b_.at(41, 0, repeat(8, 1, {0, 4, 0, 0}, receive_weights(0, {0, 4})));
    write_parts();
    use_parts();
    move_parts();
    program::Program program = b_.build();
    watch(program);
    return std::make_shared<const program::Program>(std::move(program));
  }

 private:
  static chip::ChipDescription chip() {
    auto chip = small_chip();
    chip.program_words = 128;
    return chip;
  }
  std::uint32_t below(std::uint32_t count) { return random_() % count; }
  std::uint8_t width() { return static_cast<std::uint8_t>(8 >> below(3)); }
  std::uint8_t part(std::uint32_t bits) { return static_cast<std::uint8_t>(below(8 / bits)); }

  // Codes as a function may leave them: of either sign, of both, or cut off.
  isa::VectorFunction function(std::uint8_t output_bits) {
    isa::VectorFunction f;
    const int half = 1 << (output_bits - 1);
    const int ranges[][2] = {{-half, half - 1}, {0, 2 * half - 1}, {0, half - 1}, {-half, 2 * half - 1}};
    const auto& range = ranges[below(4)];
    f.output_lowest = range[0], f.output_highest = range[1];
    f.middle_lowest = -4 * half, f.middle_highest = 4 * half;
    f.output_zero = static_cast<int>(below(3));
    f.output_bits = output_bits;
    return f;
  }
  isa::VectorFunction of_memory(std::uint8_t source_bits, std::uint8_t output_bits) {
    isa::VectorFunction f = function(output_bits);
    f.source = isa::VectorSource::memory;
    f.source_bits = source_bits;
    f.source_signed = below(2);
    f.source_zero = static_cast<int>(below(3)) - 1;
    return f;
  }
  void add_second(isa::VectorFunction& f, std::uint8_t bits) {
    f.operation = isa::VectorOperation::add;
    f.second = isa::VectorSecond::memory;
    f.second_bits = bits;
    f.second_signed = below(2);
  }

  void furnish() {
    for (std::uint32_t core = 0; core < 2; ++core) {
      for (std::uint16_t k = 0; k < 4; ++k) {
        std::vector<isa::Word> words(64);
        for (isa::Word& word : words)
          for (std::uint8_t& byte : word) byte = static_cast<std::uint8_t>(random_());
        // Now and then weights of zeros, which add nothing.
        if (core == 0 && below(3) == 0) std::fill(words.begin() + below(8), words.begin() + 8, isa::Word{});
        b_.image(core, static_cast<std::uint16_t>(k * bank), 1, words);
      }
    }
    parts_bits_ = width();
    other_bits_ = width();
    functions_ = {function(parts_bits_),
                  of_memory(parts_bits_, other_bits_),
                  of_memory(parts_bits_, 8),
                  of_memory(other_bits_, 8),
                  function(8),
                  function(8),
                  of_memory(8, 8),
                  of_memory(width(), 8)};
    add_second(functions_[2], other_bits_);
    functions_[3].reduction = isa::VectorReduction::maximum;
    add_second(functions_[4], parts_bits_);
    std::vector<isa::Word> words;
    for (const isa::VectorFunction& f : functions_)
      for (const isa::Word& word : encode(f)) words.push_back(word);
    std::array<std::int32_t, 64> lanes;
    for (int l = 0; l < 32; ++l) {
      lanes[static_cast<std::size_t>(l)] = static_cast<std::int32_t>(below(200)) - 100;
      const float scale = 0.001f * static_cast<float>(1 + below(40));
      std::memcpy(&lanes[static_cast<std::size_t>(32 + l)], &scale, 4);
    }
    words.resize(24);
    std::memcpy(words[16].data(), lanes.data(), sizeof lanes);
    for (std::uint32_t core = 0; core < 2; ++core) b_.image(core, constants_at, 1, words);
  }

  isa::Instruction product(MemoryOperand activation, std::uint8_t bits, std::uint16_t sum) {
    const auto weight_bits = static_cast<std::uint8_t>(8 >> (below(3) % 3));
    isa::MultiplyMode mode;
    mode.activation_bits = bits;
    mode.weight_bits = std::min(bits, weight_bits);
    mode.activation_signed = below(2);
    auto instruction =
        multiply(activation, static_cast<std::uint16_t>(below(bits / mode.weight_bits)), sum, true, false);
    mode.initialize_mask = 1;
    instruction.immediate[0] = encode(mode);
    return repeat(2, 1, {1, 0, 0, 0}, instruction);
  }
  static isa::Instruction with(isa::Instruction instruction, const isa::VectorParts& parts) {
    instruction.immediate[1] = encode(parts);
    return instruction;
  }
  MemoryOperand result() { return {static_cast<std::uint16_t>(results_at + results_++), second}; }

  // Two words of sums of image words and of input words, part by part, in any order; sometimes zeros for the rest.
  void write_parts() {
    const std::uint32_t parts = 8u / parts_bits_;
    for (std::uint16_t word = 0; word < 2; ++word) {
      std::vector<std::uint8_t> order(parts);
      for (std::uint8_t p = 0; p < parts; ++p) order[p] = p;
      const bool rest = parts > 1 && below(2);
      if (!rest) std::shuffle(order.begin(), order.end(), random_);
      if (rest) order.resize(1 + below(parts - 1));
      for (std::size_t i = 0; i < order.size(); ++i) {
        const std::uint64_t cycle = 60 + 60 * word + 12 * i;
        const auto sum = static_cast<std::uint16_t>(i);
        const MemoryOperand source = below(2) ? MemoryOperand{bank + 20, 1} : MemoryOperand{input_at, frame_tag};
        b_.at(cycle, 0, product(source, width(), sum));
        const bool first = i == 0 && parts > 1, last = rest && i + 1 == order.size();
        b_.at(cycle + 6, 0,
              with(vector_of_sum(sum, 16, 0, {static_cast<std::uint16_t>(parts_at + word), own}),
                   {order[i], 0, 0, first, last}));
      }
    }
  }

  // A program has room for two of these uses.
  void use_parts() {
    const std::uint32_t first = below(4), other = (first + 1 + below(3)) % 4;
    for (const std::uint32_t use : {first, other}) {
      if (use == 0) multiply_with_parts();
      if (use == 1) convert_parts();
      if (use == 2) take_largest();
      if (use == 3) add_parts_to_sum();
    }
    b_.at(310, 0, multiply({bank + 16}, 0, 7));  // uses all weight words up
    b_.at(316, 0, vector_of_sum(7, 16, 10, result()));
  }
  void multiply_with_parts() {
    b_.at(now_, 0, product({parts_at, own}, parts_bits_, 4));
    b_.at(now_ + 6, 0, vector_of_sum(4, 16, 10, result()));
    b_.at(now_ + 10, 0, product({parts_at, own}, other_bits_, 5));  // often not the width at which they were written
    b_.at(now_ + 16, 0, vector_of_sum(5, 16, 10, result()));
    now_ += 20;
  }
  // All parts of a word from parts of another, then both added.
  void convert_parts() {
    const MemoryOperand converted = result();
    for (std::uint8_t p = 0; p < 8 / other_bits_; ++p, now_ += 10) {
      b_.at(now_, 0,
            with(vector_of_memory({parts_at, own}, 0, 2, converted),
                 {p, part(parts_bits_), 0, p == 0 && other_bits_ < 8, false}));
    }
    auto add = vector_of_memory({parts_at, own}, 0, 4, result());
    add.operand[isa::operand_b] = converted.address, add.tensor[isa::operand_b] = second;
    b_.at(now_, 0, with(add, {0, part(parts_bits_), part(other_bits_), false, false}));
    now_ += 10;
  }
  void take_largest() {
    auto window = vector_of_memory({parts_at, own}, 0, 6, result());
    window.immediate[0] = encode(isa::VectorMode{6, 1, 1});
    b_.at(now_, 0, with(repeat(2, 1, {1, 0, 0, 0}, window), {0, part(other_bits_), 0, false, false}));
    now_ += 12;
  }
  void add_parts_to_sum() {
    b_.at(now_, 0, product({bank + 30}, 8, 6));
    auto joined = vector_of_sum(6, 16, 8, result());
    joined.operand[isa::operand_b] = parts_at + 1, joined.tensor[isa::operand_b] = own;
    b_.at(now_ + 6, 0, with(joined, {0, 0, part(parts_bits_), false, false}));
    now_ += 20;
  }

  // To the other core, which reads them as whole words and at any width; to a copy; and to the frame buffer.
  void move_parts() {
    b_.at(340, 0, repeat(2, 1, {1, 0, 0, 0}, send({parts_at, own}, 2, 1)));
    b_.at(342, 1, repeat(2, 1, {0, 0, 0, 1}, receive({parts_at, own})));
    b_.at(350, 1, repeat(2, 2, {1, 0, 0, 1}, vector_of_memory({parts_at, own}, 0, 12, {results_at, second})));
    b_.at(360, 1,
          with(repeat(2, 2, {1, 0, 0, 1}, vector_of_memory({parts_at, own}, 0, 14, {results_at + 2, second})),
               {0, part(functions_[7].source_bits), 0, false, false}));
    b_.at(370, 0, repeat(2, 2, {1, 1, 0, 0}, copy({parts_at, own}, {bank + 90, second})));
    b_.output_frame(second, 10, static_cast<std::uint32_t>(results_ + 2));
    b_.at(380, 0, repeat(static_cast<std::uint16_t>(results_), 1, {1, 0, 0, 0}, send_west({results_at, second})));
    b_.at(400, 0, repeat(2, 1, {1, 0, 0, 0}, send_west({bank + 90, second})));
    b_.edge_receive(382, 0, repeat(static_cast<std::uint16_t>(results_), 1, {0, 0, 0, 1}, receive({10, second})));
    b_.edge_receive(402, 0, repeat(2, 1, {0, 0, 0, 1}, receive({static_cast<std::uint16_t>(10 + results_), second})));
  }

  void watch(program::Program& program) {
    const auto add = [&](std::uint32_t core, std::uint16_t address, std::uint16_t tag, std::uint8_t bits,
                         std::uint64_t cycle) {
      program::TensorLocation location;
      location.tensor = std::to_string(program.locations.size());
      location.tag = tag;
      location.cycle = cycle;
      location.bits = bits;
      location.is_signed = below(2);
      location.channels = 256u / bits - (bits < 8 ? below(40) : 0), location.height = 1, location.width = 2;
      location.pieces = {{core, address, 0, 1, 0, 2, 0, 1, 0, 1}};
      program.locations.push_back(location);
    };
    add(0, parts_at, own, parts_bits_, 190);
    add(0, parts_at, own, other_bits_, 190);
    add(0, parts_at, own, parts_bits_, 79);  // perhaps not all parts are there
    add(0, input_at, frame_tag, width(), 30);
    add(1, parts_at, own, parts_bits_, 345);
    add(0, bank + 90, second, other_bits_, 379);
  }

  std::mt19937 random_;
  ProgramBuilder b_;
  std::uint8_t parts_bits_ = 8, other_bits_ = 8;
  std::vector<isa::VectorFunction> functions_;
  int results_ = 0;
  std::uint64_t now_ = 200;
};

TEST(Narrow, RandomProgramsOfEveryWidth) {
  for (unsigned seed = 1; seed <= 200; ++seed) {
    SCOPED_TRACE(seed);
    expect_same(NarrowProgram(seed).build(), 1);
    if (HasFailure()) return;
  }
}

}  // namespace
}  // namespace northpole::tests
