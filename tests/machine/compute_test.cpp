// What comes out of the vector-matrix unit, the vector unit and the partial-sum network.
#include <gmock/gmock.h>

#include "machine_fixture.h"

namespace northpole {
namespace {

using namespace northpole::tests;
constexpr std::uint16_t bank = 256, own = 5;

std::int32_t dot(const Word& activation, bool is_signed, const Word& weights) {
  std::int32_t sum = 0;
  for (std::size_t i = 0; i < 32; ++i) {
    sum += (is_signed ? static_cast<std::int8_t>(activation[i]) : activation[i]) * static_cast<std::int8_t>(weights[i]);
  }
  return sum;
}

std::uint8_t byte_of(std::int32_t value, std::int32_t lowest, std::int32_t highest) {
  return static_cast<std::uint8_t>(std::clamp(value, lowest, highest));
}

// Cores with a weight block (words 0..7 of each bank; lane l is word l / 4 of bank l % 4), activations in bank 1, and
// constants: registers 0, 1 a function of partial sums, 2..5 bias, 6..9 scale, 10, 11 and on whatever the test adds.
class Bench : public ProgramBuilder {
 public:
  explicit Bench(const chip::ChipDescription& chip = small_chip()) : ProgramBuilder(chip) {
    for (std::uint32_t core = 0; core < chip.cores(); ++core) {
      for (std::uint16_t k = 0; k < 4; ++k) image(core, static_cast<std::uint16_t>(k * bank), 1, 24);
      isa::VectorFunction f;
      f.middle_lowest = f.output_lowest = -128;
      f.middle_highest = f.output_highest = 127;
      const auto words = encode(f);
      constants.assign(words.begin(), words.end());
      for (std::size_t l = 0; l < 32; ++l)
        bias[l] = static_cast<std::int32_t>(l) * 100 - 1000, scale[l] = 0.001f + 0.0001f * static_cast<float>(l);
      for (const Word& word : register_words(bias)) constants.push_back(word);
      for (const Word& word : register_words(scale)) constants.push_back(word);
    }
  }
  void load(std::uint32_t core) {
    const auto count = static_cast<std::uint16_t>(constants.size());
    image(core, 2 * bank + 32, 1, constants);
    at(0, core, repeat(count, 1, {1, 0, 1, 0}, tests::constants({2 * bank + 32}, 0)));
    at(30, core, repeat(8, 1, {1, 0, 0, 0}, send_weights({0}, {0, 4}, 1u << core % 2, 1)));
    at(31, core, repeat(8, 1, {0, 4, 0, 0}, receive_weights(0, {0, 4})));
  }
  static Word weights(std::uint32_t core, std::uint32_t lane) { return image_word(core, lane / 4 + lane % 4 * bank); }
  std::uint8_t requantized(std::int32_t sum, std::size_t lane) const {
    const float product = static_cast<float>(sum + bias[lane]) * scale[lane];
    return byte_of(static_cast<std::int32_t>(std::nearbyint(product)), -128, 127);
  }

  std::vector<Word> constants;
  std::array<std::int32_t, 32> bias;
  std::array<float, 32> scale;
};

TEST(Compute, ProductsAddUpAndAreRequantized) {
  for (const bool is_signed : {true, false}) {
    Bench b;
    b.load(0);
    auto product = multiply({bank + 8}, 0, 3);
    isa::MultiplyMode mode;
    mode.initialize_mask = mode.release_mask = 1;
    mode.activation_signed = is_signed;
    product.immediate[0] = encode(mode);
    b.at(60, 0, repeat(5, 1, {1, 0, 0, 0}, product));
    b.at(68, 0, vector_of_sum(3, 2, 0, {3 * bank + 100, own}));
    const Word got = words_after(b.build(), 76, 0, 3 * bank + 100, 1, own)[0];
    for (std::uint32_t lane = 0; lane < 32; ++lane) {
      std::int32_t sum = 0;
      for (std::uint32_t i = 0; i < 5; ++i) sum += dot(image_word(0, bank + 8 + i), is_signed, Bench::weights(0, lane));
      EXPECT_EQ(got[lane], b.requantized(sum, lane)) << lane;
    }
  }
}

// Lanes that arrive in different cycles are put together by the skews.
TEST(Compute, WeightsOfSkewedLanes) {
  Bench b;
  b.load(1);
  b.image(0, 3 * bank + 32, 1, b.constants);
  b.at(0, 0, repeat(10, 1, {1, 0, 1, 0}, tests::constants({3 * bank + 32}, 0)));
  b.at(60, 1, repeat(8, 1, {1, 0, 0, 0}, send_weights({0}, {0, 2}, 1, 1)));
  b.at(60 + 8, 1, repeat(8, 1, {1, 0, 0, 0}, send_weights({2 * bank}, {2, 2}, 1, 1)));
  b.at(62, 0, repeat(8, 1, {0, 4, 0, 0}, receive_weights(32, {0, 4}, 0x08080000)));
  b.at(90, 0, multiply({bank + 8}, 1, 0));
  b.at(50, 1, multiply({bank + 8}, 0, 0));
  b.at(55, 1, vector_of_sum(0, 2, 0, {3 * bank + 100, own}));
  b.at(94, 0, vector_of_sum(0, 2, 0, {3 * bank + 100, own}));
  const Word got = words_after(b.build(), 102, 0, 3 * bank + 100, 1, own)[0];
  for (std::uint32_t lane = 0; lane < 32; ++lane) {
    EXPECT_EQ(got[lane], b.requantized(dot(image_word(0, bank + 8), true, Bench::weights(1, lane)), lane)) << lane;
  }
}

TEST(Compute, PartialSumsOfNeighboursAreAdded) {
  Bench b;
  b.load(0);
  b.load(1);
  for (const std::uint32_t core : {0u, 1u}) b.at(60, core, multiply({bank + 8}, 0, 3));
  b.at(64, 0, pass(3, {isa::Direction::none, isa::Direction::east, true}));
  b.at(67, 1, pass(3, {isa::Direction::west, isa::Direction::none, true}));
  b.at(68, 1, vector_of_sum(3, 2, 0, {3 * bank + 100, own}));
  const Word got = words_after(b.build(), 76, 1, 3 * bank + 100, 1, own)[0];
  for (std::uint32_t lane = 0; lane < 32; ++lane) {
    const std::int32_t sum = dot(image_word(0, bank + 8), true, Bench::weights(0, lane)) +
                             dot(image_word(1, bank + 8), true, Bench::weights(1, lane));
    EXPECT_EQ(got[lane], b.requantized(sum, lane)) << lane;
  }
}

isa::VectorFunction of_memory() {
  isa::VectorFunction f;
  f.source = isa::VectorSource::memory;
  f.output_lowest = -128, f.output_highest = 127;
  return f;
}

// Windows of 2 x 3 words; only the last event of each writes.
TEST(Compute, MaximumOfAWindow) {
  ProgramBuilder b;
  b.image(0, 0, 1, 20);
  isa::VectorFunction f = of_memory();
  f.reduction = isa::VectorReduction::maximum;
  const auto words = encode(f);
  b.image(0, bank, 1, {words[0], words[1]});
  b.at(0, 0, repeat(2, 1, {1, 0, 1, 0}, constants({bank}, 0)));
  auto window = vector_of_memory({0}, 0, 0, {2 * bank, own});
  window.immediate[0] = encode(isa::VectorMode{0, 0b110, 0b110});
  b.at(10, 0, repeat(3, 6, {3, 0, 0, 1}, repeat(2, 3, {5, 0, 0, 0}, repeat(3, 1, {1, 0, 0, 0}, window))));
  const auto got = words_after(b.build(), 10 + 17 + 8, 0, 2 * bank, 3, own);
  for (std::uint32_t w = 0; w < 3; ++w) {
    for (std::uint32_t lane = 0; lane < 32; ++lane) {
      int largest = -128;
      for (std::uint32_t i = 0; i < 6; ++i)
        largest = std::max<int>(largest, static_cast<std::int8_t>(image_word(0, 3 * w + i / 3 * 5 + i % 3)[lane]));
      EXPECT_EQ(static_cast<std::int8_t>(got[w][lane]), largest);
    }
  }
}

TEST(Compute, SecondOperandFromMemoryAndFromConstants) {
  ProgramBuilder b;
  b.image(0, 0, 1, 4);
  isa::VectorFunction add = of_memory();
  add.operation = isa::VectorOperation::add;
  add.second = isa::VectorSecond::memory;
  add.second_signed = false;
  add.source_zero = 3, add.second_zero = 100;
  add.kx = 0.5f, add.ky = 0.25f;
  add.output_zero = -5;
  isa::VectorFunction scale = of_memory();
  scale.operation = isa::VectorOperation::multiply;
  scale.second = isa::VectorSecond::constant;
  const auto first = encode(add), second = encode(scale);
  std::array<float, 32> factors;
  for (std::size_t l = 0; l < 32; ++l) factors[l] = static_cast<float>(l) / 16;
  std::vector<Word> registers{first[0], first[1], second[0], second[1]};
  for (const Word& word : register_words(factors)) registers.push_back(word);
  b.image(0, bank, 1, registers);
  b.at(0, 0, repeat(8, 1, {1, 0, 1, 0}, constants({bank}, 0)));
  auto sum = vector_of_memory({0}, 0, 0, {2 * bank, own});
  sum.operand[isa::operand_b] = 1, sum.tensor[isa::operand_b] = 1;
  b.at(10, 0, sum);
  b.at(20, 0, vector_of_memory({2}, 4, 2, {2 * bank + 1, own}));
  const auto got = words_after(b.build(), 28, 0, 2 * bank, 2, own);
  for (std::uint32_t lane = 0; lane < 32; ++lane) {
    const double x = static_cast<std::int8_t>(image_word(0, 0)[lane]) - 3, y = image_word(0, 1)[lane] - 100;
    EXPECT_EQ(got[0][lane], byte_of(static_cast<std::int32_t>(std::nearbyint(x * 0.5 + y * 0.25)) - 5, -128, 127))
        << lane;
    const double z = static_cast<std::int8_t>(image_word(0, 2)[lane]) *
                     static_cast<double>(factors[lane]);  // 8 x 5 bits: exact in a half
    EXPECT_EQ(got[1][lane], byte_of(static_cast<std::int32_t>(std::nearbyint(z)), -128, 127)) << lane;
  }
}

// One program for both cores; addresses, delays, counts and strides come from parameters.
TEST(Compute, ParametersTakeTheFieldsPlaces) {
  ProgramBuilder b;
  for (const std::uint32_t core : {0u, 1u}) {
    b.image(core, 0, 1, 20);
    isa::Instruction instruction = copy({0}, {1, own});
    instruction.operand[isa::operand_a] = 9;  // parameters, from here on
    instruction.operand[isa::operand_b] = 10;
    instruction.parameter_mask = isa::parameter_a | isa::parameter_b;
    // Count is parameter 2 and interval parameter 4, which happen to take as long as a loop of 2 x 4 (the builder
    // counts with it).
    instruction.loops = {isa::Loop{2, 4, {13, 1, 0, 0}, 1 | 2 | 4}};
    b.at(5, core, instruction);
    // Parameters that do not fit their fields are cut off: 65536 + 5 is address 5.
    b.boot_parameters(core, {0, 0, 3, 0, 2, 0, 0, 0, 0, 65536 + 5 + core, bank + 20, 0, 0, core == 0 ? 1u : ~1u});
  }
  const auto program = b.build();
  const auto one = words_after(program, 10, 0, bank + 20, 3, own);
  for (std::uint32_t i = 0; i < 3; ++i) EXPECT_EQ(one[i], image_word(0, 5 + i));
  const auto other = words_after(program, 12, 1, bank + 20, 3, own);
  for (std::uint32_t i = 0; i < 3; ++i) EXPECT_EQ(other[i], image_word(1, 6 - 2 * i));
}

}  // namespace
}  // namespace northpole
