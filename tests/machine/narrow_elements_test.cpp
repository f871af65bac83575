// Elements of 4 and 2 bit: products of every pair of widths, and parts of words read and written by the vector unit,
// against plain loops over bits.
#include <cmath>

#include "machine_fixture.h"

namespace northpole {
namespace {

using namespace northpole::tests;
constexpr std::uint16_t bank = 256, own = 5, constants_at = 2 * bank + 100, output_at = 3 * bank + 100;
constexpr int widths[] = {8, 4, 2};

// `bits` bits of the words, from bit `at` on, as a number.
int number(const std::vector<Word>& words, std::size_t at, int bits, bool is_signed) {
  int value = 0;
  for (int i = 0; i < bits; ++i) {
    const std::size_t bit = at + static_cast<std::size_t>(i);
    value += (words[bit / 256][bit % 256 / 8] >> bit % 8 & 1) << i;
  }
  return is_signed && value >= 1 << (bits - 1) ? value - (1 << bits) : value;
}

struct Widths {
  int activation, weight;
  bool is_signed = true;
  int words() const { return 32 * weight / activation; }  // of a block
};

// sum += activation times the block that begins at weights[first].
void add_product(std::array<std::int32_t, 32>& sum, const Word& activation, const std::vector<Word>& weights,
                 std::size_t first, const Widths& widths) {
  const int count = 256 / widths.activation;
  for (int lane = 0; lane < 32; ++lane) {
    for (int k = 0; k < count; ++k) {
      const auto weight = first * 256 + static_cast<std::size_t>((lane * count + k) * widths.weight);
      sum[static_cast<std::size_t>(lane)] +=
          number({activation}, static_cast<std::size_t>(k * widths.activation), widths.activation, widths.is_signed) *
          number(weights, weight, widths.weight, true);
    }
  }
}

isa::Instruction narrow_multiply(std::uint16_t activation, std::uint16_t block, std::uint16_t sum, const Widths& widths,
                                 bool release) {
  auto product = multiply({activation}, block, sum, true, release);
  product.immediate[0] = encode(isa::MultiplyMode{0, 0, widths.is_signed, static_cast<std::uint8_t>(widths.activation),
                                                  static_cast<std::uint8_t>(widths.weight)});
  return product;
}

chip::ChipDescription roomy_chip() {
  chip::ChipDescription chip = small_chip();
  chip.program_words = 128;
  return chip;
}

// One core at work. Constants: registers 0, 1 a function of partial sums that gives their low bytes, 2 .. 9 bias 0 and
// scale 1, 10 .. 17 bias 0 and scale 2^-12: two outputs say which number a sum was; one says enough of it.
class SumBench : public ProgramBuilder {
 public:
  explicit SumBench(std::uint16_t outputs_of_sum = 2) : ProgramBuilder(roomy_chip()), outputs_of_sum_(outputs_of_sum) {
    for (std::uint16_t k = 0; k < 4; ++k) image(0, static_cast<std::uint16_t>(k * bank), 1, 64);
    isa::VectorFunction function;
    function.middle_lowest = function.output_lowest = -(1 << 30);
    function.middle_highest = function.output_highest = 1 << 30;
    const auto first = encode(function);
    std::vector<Word> registers(first.begin(), first.end());
    for (const float scale : {1.0f, 0x1p-12f}) {
      registers.resize(registers.size() + 4);
      std::array<float, 32> scales;
      scales.fill(scale);
      for (const Word& word : register_words(scales)) registers.push_back(word);
    }
    image(0, constants_at, 1, registers);
    at(0, 0, repeat(18, 1, {1, 0, 1, 0}, constants({constants_at}, 0)));
  }
  // Weight words `first` .. from image word `from` of the banks on: word first + 4 i + j is image word from + i of bank
  // j.
  void load(std::uint64_t cycle, std::uint16_t from, std::uint16_t first, std::uint16_t words) {
    const auto count = static_cast<std::uint16_t>(words / 4);
    at(cycle, 0, repeat(count, 1, {1, 0, 0, 0}, send_weights({from}, {0, 4}, 1, 1)));
    at(cycle + 1, 0, repeat(count, 1, {0, 4, 0, 0}, receive_weights(first, {0, 4})));
  }
  static std::vector<Word> weights(std::uint32_t from, std::uint32_t words = 32) {
    std::vector<Word> result;
    for (std::uint32_t i = 0; i < words; ++i) result.push_back(image_word(0, from + i / 4 + i % 4 * bank));
    return result;
  }
  // Writes a sum, as often computed as it has outputs, to the next output words.
  void store(std::uint64_t cycle, std::uint16_t sum) {
    for (std::uint16_t i = 0; i < outputs_of_sum_; ++i)
      at(cycle + i, 0,
         vector_of_sum(static_cast<std::uint16_t>(sum + i), static_cast<std::uint16_t>(2 + 8 * i), 0,
                       {static_cast<std::uint16_t>(output_at + outputs_++), own}));
  }
  void expect(const std::vector<std::array<std::int32_t, 32>>& sums, const std::string& what) {
    const auto program = build();
    const auto got = words_after(program, load_cycle(), 0, output_at, outputs_, own);
    ASSERT_EQ(got.size(), outputs_of_sum_ * sums.size()) << what;
    for (std::size_t s = 0; s < sums.size(); ++s) {
      for (std::size_t lane = 0; lane < 32; ++lane) {
        const std::int32_t sum = sums[s][lane];
        ASSERT_EQ(got[outputs_of_sum_ * s][lane], static_cast<std::uint8_t>(sum))
            << what << ", sum " << s << ", lane " << lane;
        if (outputs_of_sum_ == 1) continue;
        ASSERT_EQ(got[2 * s + 1][lane], static_cast<std::uint8_t>(std::lrint(sum / 4096.0))) << what;
      }
    }
  }

 private:
  std::uint16_t outputs_of_sum_;
  std::uint32_t outputs_ = 0;
};

TEST(NarrowElements, ProductsOfEveryPairOfWidths) {
  for (const int a : widths) {
    for (const int w : widths) {
      if (w > a) continue;
      for (const bool is_signed : {true, false}) {
        const Widths narrow{a, w, is_signed};
        SumBench b;
        b.load(40, 0, 32, 32);  // the second 32 weight words
        std::vector<std::array<std::int32_t, 32>> sums;
        for (std::uint16_t block = 0; block < a / w; ++block) {
          std::array<std::int32_t, 32> sum{};
          for (std::uint16_t twice = 0; twice < 2; ++twice) {
            // Two activation words into one sum; the block's last use releases it.
            const auto number = static_cast<std::uint16_t>(a / w + block);
            auto product =
                narrow_multiply(bank + 20, number, static_cast<std::uint16_t>(2 * block + twice), narrow, twice == 1);
            auto mode = isa::decode_multiply_mode(product.immediate[0]);
            mode.initialize_mask = 1, mode.release_mask = twice == 1 ? 1 : 0;
            product.immediate[0] = encode(mode);
            b.at(60 + 10 * block + 4 * twice, 0, repeat(2, 1, {1, 0, 0, 0}, product));
            if (twice == 1) continue;
            for (std::uint32_t i = 0; i < 2; ++i)
              add_product(sum, image_word(0, bank + 20 + i), SumBench::weights(0),
                          static_cast<std::size_t>(block * narrow.words()), narrow);
          }
          sums.push_back(sum);
        }
        for (std::uint16_t block = 0; block < a / w; ++block)
          b.store(110 + 2 * block, static_cast<std::uint16_t>(2 * block));
        b.expect(sums, std::to_string(a) + " and " + std::to_string(w) + " bit" + (is_signed ? "" : " unsigned"));
      }
    }
  }
}

// The same weight words as blocks of several widths in turn, and half of them replaced in between.
TEST(NarrowElements, WeightWordsUsedAtSeveralWidths) {
  SumBench b(1);
  b.load(40, 0, 0, 32);
  std::vector<Word> words = SumBench::weights(0);
  std::vector<std::array<std::int32_t, 32>> sums;
  std::uint64_t cycle = 60;
  const auto use = [&](const Widths& narrow, std::uint16_t block, bool release) {
    std::array<std::int32_t, 32> sum{};
    add_product(sum, image_word(0, bank + 20), words, static_cast<std::size_t>(block * narrow.words()), narrow);
    sums.push_back(sum);
    b.at(cycle, 0, narrow_multiply(bank + 20, block, 0, narrow, release));
    b.store(cycle + 8, 0);
    cycle += 20;
  };
  use({8, 4, true}, 1, false);
  use({8, 8, false}, 0, false);
  use({8, 4, true}, 1, false);
  use({8, 4, true}, 0, false);
  use({4, 4, true}, 0, false);
  use({8, 4, true}, 0, false);
  use({2, 2, false}, 0, false);
  use({8, 8, true}, 0, false);
  use({8, 4, true}, 1, true);
  b.load(cycle, 30, 16, 16);
  const auto others = SumBench::weights(30, 16);
  std::copy(others.begin(), others.end(), words.begin() + 16);
  cycle += 20;
  use({8, 4, true}, 1, false);
  use({8, 2, true}, 2, true);
  b.load(cycle, 40, 16, 8);
  const auto more = SumBench::weights(40, 8);
  std::copy(more.begin(), more.end(), words.begin() + 16);
  cycle += 20;
  use({8, 2, false}, 2, false);
  use({8, 8, true}, 0, true);
  b.expect(sums, "several widths");
}

// Core 0 adds parts of two words into parts of one: registers 0, 1 hold the function, image words 0 .. 15 the codes.
struct Addition {
  int source_bits, second_bits, output_bits;
  bool source_signed, second_signed, output_signed;

  int lowest() const { return output_signed ? -(1 << (output_bits - 1)) : 0; }
  int highest() const { return lowest() + (1 << output_bits) - 1; }
  isa::VectorFunction function() const {
    isa::VectorFunction f;
    f.source = isa::VectorSource::memory;
    f.operation = isa::VectorOperation::add;
    f.second = isa::VectorSecond::memory;
    f.source_bits = static_cast<std::uint8_t>(source_bits), f.second_bits = static_cast<std::uint8_t>(second_bits);
    f.output_bits = static_cast<std::uint8_t>(output_bits);
    f.source_signed = source_signed, f.second_signed = second_signed;
    f.source_zero = 1, f.output_zero = 1;
    f.output_lowest = lowest(), f.output_highest = highest();
    return f;
  }
  int result(const Word& source, int source_part, const Word& second, int second_part, int lane) const {
    const int x =
        number({source}, static_cast<std::size_t>((32 * source_part + lane) * source_bits), source_bits, source_signed);
    const int y =
        number({second}, static_cast<std::size_t>((32 * second_part + lane) * second_bits), second_bits, second_signed);
    return std::clamp(x - 1 + y + 1, lowest(), highest());
  }
};

isa::Instruction part_event(std::uint16_t source, std::uint16_t output, isa::VectorParts parts) {
  auto event = vector_of_memory({source}, 0, 0, {output, own});
  event.immediate[1] = encode(parts);
  return event;
}

void load_function(ProgramBuilder& b, const isa::VectorFunction& function) {
  const auto words = encode(function);
  b.image(0, constants_at, 1, {words[0], words[1]});
  b.at(0, 0, repeat(2, 1, {1, 0, 1, 0}, constants({constants_at}, 0)));
}

TEST(NarrowElements, PartsOfEveryWidthAreReadAndWritten) {
  for (int trial = 0; trial < 27 * 8; ++trial) {
    const Addition addition{widths[trial % 3],     widths[trial / 3 % 3], widths[trial / 9 % 3],
                            (trial / 27 & 1) != 0, (trial / 27 & 2) != 0, (trial / 27 & 4) != 0};
    ProgramBuilder b;
    b.image(0, 0, 1, 16);
    b.image(0, bank, 1, 16);
    load_function(b, addition.function());
    const int parts = 8 / addition.output_bits;
    const auto source_part = [&](int part) { return (part + 1) % (8 / addition.source_bits); };
    const auto second_part = [&](int part) { return (part + 2) % (8 / addition.second_bits); };
    for (int part = 0; part < parts; ++part) {
      isa::VectorParts p;
      p.output = static_cast<std::uint8_t>(part);
      p.source = static_cast<std::uint8_t>(source_part(part)), p.second = static_cast<std::uint8_t>(second_part(part));
      p.first = parts > 1 && part == 0;
      auto event = part_event(static_cast<std::uint16_t>(part), output_at, p);
      event.operand[isa::operand_b] = static_cast<std::uint16_t>(bank + part), event.tensor[isa::operand_b] = 1;
      b.at(static_cast<std::uint64_t>(10 + part), 0, event);
    }
    const auto program = b.build();
    const Word got = words_after(program, b.load_cycle(), 0, output_at, 1, own)[0];
    for (int part = 0; part < parts; ++part) {
      const auto word = static_cast<std::uint32_t>(part);
      for (int lane = 0; lane < 32; ++lane) {
        ASSERT_EQ(number({got}, static_cast<std::size_t>((32 * part + lane) * addition.output_bits),
                         addition.output_bits, addition.output_signed),
                  addition.result(image_word(0, word), source_part(part), image_word(0, bank + word), second_part(part),
                                  lane))
            << "trial " << trial << ", part " << part << ", lane " << lane;
      }
    }
  }
}

// Part 2 comes first, then 0, then 1 and, with zeros, nothing else; in the other word part 1 and zeros behind it.
TEST(NarrowElements, PartsInAnyOrderAndTheRestWithZeros) {
  ProgramBuilder b;
  b.image(0, 0, 1, 16);
  isa::VectorFunction f = Addition{8, 8, 2, true, true, true}.function();
  f.second = isa::VectorSecond::none, f.operation = isa::VectorOperation::move;
  load_function(b, f);
  b.at(10, 0, part_event(0, output_at, {2, 0, 0, true, true}));
  b.at(11, 0, part_event(1, output_at, {0, 0, 0, false, false}));
  b.at(12, 0, part_event(2, output_at + 1, {0, 0, 0, true, false}));
  b.at(13, 0, part_event(3, output_at, {1, 0, 0, false, false}));
  b.at(14, 0, part_event(4, output_at + 1, {1, 0, 0, false, true}));
  const auto program = b.build();
  const auto got = words_after(program, b.load_cycle(), 0, output_at, 2, own);
  const int source[2][4] = {{1, 3, 0, -1}, {2, 4, -1, -1}};  // image word of each part, -1: zeros
  for (std::size_t word = 0; word < 2; ++word) {
    for (int part = 0; part < 4; ++part) {
      for (int lane = 0; lane < 32; ++lane) {
        const int from = source[word][part];
        const int expected =
            from < 0 ? 0
                     : std::clamp<int>(static_cast<std::int8_t>(image_word(
                                           0, static_cast<std::uint32_t>(from))[static_cast<std::size_t>(lane)]),
                                       -2, 1);
        EXPECT_EQ(number({got[word]}, static_cast<std::size_t>(2 * (32 * part + lane)), 2, true), expected)
            << "word " << word << ", part " << part << ", lane " << lane;
      }
    }
  }
}

TEST(NarrowElements, MaximumOfAPart) {
  ProgramBuilder b;
  b.image(0, 0, 1, 16);
  isa::VectorFunction f;
  f.source = isa::VectorSource::memory;
  f.reduction = isa::VectorReduction::maximum;
  f.source_bits = f.output_bits = 4;
  f.output_lowest = -8, f.output_highest = 7;
  load_function(b, f);
  for (std::uint8_t part = 0; part < 2; ++part) {
    auto window = part_event(0, output_at, {part, static_cast<std::uint8_t>(1 - part), 0, part == 0, false});
    window.immediate[0] = encode(isa::VectorMode{0, 1, 1});
    b.at(10 + 10u * part, 0, repeat(3, 1, {5, 0, 0, 0}, window));
  }
  const auto program = b.build();
  const Word got = words_after(program, b.load_cycle(), 0, output_at, 1, own)[0];
  for (std::size_t i = 0; i < 64; ++i) {
    int largest = -8;
    for (std::uint32_t word = 0; word < 15; word += 5)
      largest = std::max(largest, number({image_word(0, word)}, 4 * ((i + 32) % 64), 4, true));
    EXPECT_EQ(number({got}, 4 * i, 4, true), largest) << i;
  }
}

// What an observer is shown: a byte for each code, with its sign; and that a word is not all there.
TEST(NarrowElements, Snapshots) {
  for (const bool complete : {true, false}) {
    for (const bool is_signed : {true, false}) {
      ProgramBuilder b;
      b.image(0, 0, 1, 16);
      isa::VectorFunction f = Addition{4, 8, 4, is_signed, true, is_signed}.function();
      f.second = isa::VectorSecond::none, f.operation = isa::VectorOperation::move;
      load_function(b, f);
      b.at(10, 0, part_event(0, output_at, {0, 0, 0, true, false}));
      if (complete) b.at(11, 0, part_event(0, output_at, {1, 1, 0, false, false}));
      auto program = b.build();
      program::TensorLocation location;
      location.tag = own, location.cycle = b.load_cycle();
      location.channels = 50, location.height = location.width = 1;
      location.bits = 4, location.is_signed = is_signed;
      location.pieces = {{0, output_at, 0, 1, 0, 1, 0, 1, 0, 1}};
      program.locations = {location};
      Chip chip(program.chip, EngineKind::step);
      chip.configure(program);
      int seen = 0;
      chip.run_network([&](const machine::TensorSnapshot& snapshot) {
        ++seen;
        EXPECT_EQ(snapshot.problem.empty(), complete) << snapshot.problem;
        if (!complete) return;
        ASSERT_EQ(snapshot.codes.size(), 50u);
        for (std::size_t i = 0; i < 50; ++i)
          EXPECT_EQ(snapshot.codes[i], static_cast<std::uint8_t>(number({image_word(0, 0)}, 4 * i, 4, is_signed)));
      });
      EXPECT_EQ(seen, 1);
    }
  }
}

}  // namespace
}  // namespace northpole
