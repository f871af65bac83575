// Each kernel alone, on random numbers and on the extremes.
#include "machine/fast/kernel.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <limits>
#include <random>
#include <set>

#include "machine/fast/aligned_bytes.h"
#include "machine/vector_arithmetic.h"

namespace northpole::tests {
namespace {

using namespace machine::fast;
using isa::VectorOperation;
using isa::VectorSecond;
using isa::VectorSource;

constexpr std::uint32_t words = 64;

AlignedBytes random_arena(std::mt19937& random) {
  AlignedBytes arena(words * 32);
  constexpr std::uint8_t extremes[] = {0, 127, 128, 255};
  for (std::size_t i = 0; i < words * 32; ++i)
    arena.data()[i] = random() % 4 == 0 ? extremes[random() % 4] : static_cast<std::uint8_t>(random());
  for (std::size_t word = 0; word < std::size(extremes); ++word)
    std::memset(arena.data() + word * 32, extremes[word], 32);
  return arena;
}

std::vector<std::uint32_t> random_slots(std::mt19937& random, std::size_t count) {
  std::vector<std::uint32_t> slots(count);
  for (std::uint32_t& slot : slots) slot = random() % words;
  return slots;
}

class EachKernel : public testing::TestWithParam<const Kernel*> {};

TEST_P(EachKernel, ProductsAreExact) {
  const Kernel& kernel = *GetParam();
  std::mt19937 random(3);
  AlignedBytes arena = random_arena(random), blocks = random_arena(random);  // two blocks of weights
  AlignedBytes prepared(words * 32);
  for (std::size_t b = 0; b < 2; ++b)
    kernel.prepare_block(blocks.data() + b * block_bytes,
                         reinterpret_cast<std::int8_t*>(prepared.data()) + b * block_bytes);
  for (std::uint32_t rows = 1; rows <= kernel.tile_rows; ++rows) {
    for (const bool is_signed : {false, true}) {
      const std::vector<std::uint32_t> list{1, 0, 1};
      const auto slots = random_slots(random, rows * list.size());
      AlignedBytes panel(slots.size() * kernel.panel_word_bytes);
      kernel.pack(arena.data(), slots.data(), slots.size(), is_signed, panel.data());
      std::array<std::int32_t, 32> start;
      for (std::int32_t& value : start) value = static_cast<std::int32_t>(random());
      start[random() % 32] = std::numeric_limits<std::int32_t>::max();  // sums wrap
      start[random() % 32] = std::numeric_limits<std::int32_t>::min();
      std::vector<std::int32_t> sums(rows * 32);
      kernel.multiply(panel.data(), rows, list.data(), 3, reinterpret_cast<const std::int8_t*>(prepared.data()),
                      start.data(), sums.data(), is_signed ? list.data() : nullptr);
      for (std::uint32_t row = 0; row < rows; ++row) {
        for (std::uint32_t lane = 0; lane < 32; ++lane) {
          std::int64_t sum = start[lane];
          for (std::size_t term = 0; term < list.size(); ++term) {
            for (std::uint32_t i = 0; i < 32; ++i) {
              const std::uint8_t code = arena.data()[slots[term * rows + row] * 32 + i];
              const int shifted = is_signed && kernel.unsigned_panel ? 128 : 0;
              const int activation = (is_signed ? static_cast<std::int8_t>(code) : code) + shifted;
              sum += activation * static_cast<std::int8_t>(blocks.data()[list[term] * block_bytes + lane * 32 + i]);
            }
          }
          ASSERT_EQ(sums[row * 32 + lane], static_cast<std::int32_t>(sum)) << rows << " rows, lane " << lane;
        }
      }
    }
  }
}

float random_scale(std::mt19937& random, chip::VectorPrecision precision) {
  const float value = std::ldexp(static_cast<float>(random() % 4001) - 2000.0f, -static_cast<int>(random() % 26));
  return static_cast<float>(machine::round_to(precision, value));
}

VectorSetup random_setup(std::mt19937& random, chip::VectorPrecision precision, bool of_sum) {
  VectorSetup setup;
  isa::VectorFunction& f = setup.function;
  f.operation = static_cast<VectorOperation>(random() % 11);
  const bool takes_second = f.operation == VectorOperation::add || f.operation == VectorOperation::subtract ||
                            f.operation == VectorOperation::reverse_subtract ||
                            f.operation == VectorOperation::multiply;
  if (takes_second) f.second = random() % 2 ? VectorSecond::memory : VectorSecond::constant;
  if (f.operation == VectorOperation::offset && of_sum) f.second = VectorSecond::constant;
  if (f.operation == VectorOperation::offset && !of_sum) f.operation = VectorOperation::move;
  f.source = of_sum ? VectorSource::partial_sum : VectorSource::memory;
  f.source_signed = random() % 2, f.second_signed = random() % 2;
  f.source_zero = static_cast<int>(random() % 400) - 200, f.second_zero = static_cast<int>(random() % 400) - 200;
  f.middle_lowest = -static_cast<int>(random() % 300), f.middle_highest = static_cast<int>(random() % 300);
  f.output_zero = static_cast<int>(random() % 256) - 128;
  f.output_lowest = random() % 2 ? -128 : 0, f.output_highest = random() % 2 ? 127 : 255;
  f.kx = random_scale(random, precision), f.ky = random_scale(random, precision);
  f.alpha = random_scale(random, precision), f.beta = random_scale(random, precision);
  if (random() % 8 == 0) f.kx = 1.0f / 3;  // no half: the exact way
  if (random() % 8 == 0) f.middle_highest = std::numeric_limits<std::int32_t>::max();
  for (std::size_t l = 0; l < 32; ++l) {
    setup.bias[l] = static_cast<std::int32_t>(random()) >> (random() % 32);
    setup.scale[l] = std::ldexp(static_cast<float>(random() % 4001) - 2000.0f, -static_cast<int>(random() % 40));
    setup.constant[l] = random_scale(random, precision);
  }
  if (random() % 8 == 0) setup.scale[5] = std::numeric_limits<float>::quiet_NaN();
  if (random() % 8 == 0) setup.scale[6] = std::numeric_limits<float>::infinity();
  if (random() % 8 == 0) setup.constant[7] = std::numeric_limits<float>::infinity();
  return setup;
}

TEST_P(EachKernel, VectorFunctionsAreExact) {
  const Kernel& kernel = *GetParam();
  std::mt19937 random(4);
  const AlignedBytes arena = random_arena(random);
  int in_floats = 0, plain_halves = 0;
  for (int number = 0; number < 20000; ++number) {
    const auto precision = random() % 2 ? chip::VectorPrecision::fp16 : chip::VectorPrecision::fp32;
    const bool of_sum = random() % 2;
    const PreparedSetup setup = prepare(random_setup(random, precision, of_sum), precision);
    in_floats += setup.in_floats;
    plain_halves += setup.plain && precision == chip::VectorPrecision::fp16 &&
                    setup.setup.function.operation == VectorOperation::add;
    const std::uint32_t rows = 1 + random() % 4, inputs = 1 + random() % 4;
    const auto second_slots = random_slots(random, rows);
    const auto* seconds = setup.setup.function.second == VectorSecond::memory ? second_slots.data() : nullptr;
    std::vector<std::uint8_t> output(rows * 32), expected(rows * 32);
    if (of_sum) {
      std::vector<std::int32_t> sums(rows * 32);
      for (std::int32_t& sum : sums) sum = static_cast<std::int32_t>(random()) >> (random() % 32);
      kernel.finish_sums(setup, sums.data(), rows, arena.data(), seconds, output.data());
      exact_vector_unit().finish_sums(setup, sums.data(), rows, arena.data(), seconds, expected.data());
    } else {
      const auto slots = random_slots(random, rows * inputs);
      kernel.finish_words(setup, slots.data(), inputs, rows, arena.data(), seconds, output.data());
      exact_vector_unit().finish_words(setup, slots.data(), inputs, rows, arena.data(), seconds, expected.data());
    }
    ASSERT_EQ(output, expected) << "setup " << number << ", operation "
                                << static_cast<int>(setup.setup.function.operation);
  }
  EXPECT_GT(in_floats, 8000);
  EXPECT_GT(plain_halves, 100);
}

// Residual additions as networks have them, where halves are rounded by arithmetic alone: all pairs of codes, among
// them those that nearly cancel, at the smallest and the largest factors for which this is allowed.
TEST_P(EachKernel, HalvesOfAllPairsOfCodesAreExact) {
  const Kernel& kernel = *GetParam();
  AlignedBytes arena(256 * 32);
  for (std::size_t code = 0; code < 256; ++code) std::memset(arena.data() + code * 32, static_cast<int>(code), 32);
  std::vector<std::int32_t> sums(256 * 32);
  for (std::size_t i = 0; i < sums.size(); ++i) sums[i] = static_cast<std::int32_t>(i / 32) - 128;
  std::mt19937 random(6);
  const auto factor = [&] {
    constexpr float special[] = {0x1p-14f, -0x1p-14f, 0x1.004p-14f, 0x1.ffcp-14f, 0, 1, 0x1.ffcp-1f, 40};
    if (random() % 4 == 0) return special[random() % 8];
    const float value = std::ldexp(static_cast<float>(random() % 2048 + 1024), -static_cast<int>(random() % 24));
    return static_cast<float>(machine::round_to_half(value < 0x1p-14f ? 1.0 : std::fmod(value, 100.0f) + 0x1p-14f));
  };
  int plain = 0;
  for (int number = 0; number < 60; ++number) {
    VectorSetup setup;
    isa::VectorFunction& f = setup.function;
    constexpr VectorOperation operations[] = {VectorOperation::add, VectorOperation::subtract,
                                              VectorOperation::reverse_subtract};
    f.operation = operations[number % 3];
    f.second = VectorSecond::memory;
    f.source = VectorSource::partial_sum;
    f.second_signed = random() % 2;
    f.second_zero = f.second_signed ? 0 : static_cast<int>(random() % 256);
    f.middle_lowest = -128, f.middle_highest = 127;
    f.output_zero = static_cast<int>(random() % 256) - 128, f.output_lowest = -128, f.output_highest = 127;
    f.kx = factor(), f.ky = random() % 4 == 0 ? f.kx : factor();
    setup.scale.fill(1);
    const PreparedSetup prepared = prepare(setup, chip::VectorPrecision::fp16);
    plain += prepared.plain;
    std::vector<std::uint8_t> output(sums.size()), expected(sums.size());
    for (std::uint32_t code = 0; code < 256; ++code) {
      const std::vector<std::uint32_t> seconds(256, code);
      kernel.finish_sums(prepared, sums.data(), 256, arena.data(), seconds.data(), output.data());
      exact_vector_unit().finish_sums(prepared, sums.data(), 256, arena.data(), seconds.data(), expected.data());
      ASSERT_EQ(output, expected) << "kx " << f.kx << ", ky " << f.ky << ", code " << code;
    }
  }
  EXPECT_GT(plain, 40);
}

// What the rules make of `sums`, and what the kernel does; rows of 32.
void expect_exact(const Kernel& kernel, const VectorSetup& setup, const std::vector<std::int32_t>& sums,
                  chip::VectorPrecision precision = chip::VectorPrecision::fp16) {
  const PreparedSetup prepared = prepare(setup, precision);
  ASSERT_TRUE(prepared.in_floats);
  std::vector<std::uint8_t> output(sums.size()), expected(sums.size());
  const auto rows = static_cast<std::uint32_t>(sums.size() / 32);
  kernel.finish_sums(prepared, sums.data(), rows, nullptr, nullptr, output.data());
  exact_vector_unit().finish_sums(prepared, sums.data(), rows, nullptr, nullptr, expected.data());
  for (std::size_t i = 0; i < sums.size(); ++i) ASSERT_EQ(output[i], expected[i]) << "sum " << sums[i];
}

// All sums from -8192 to 8191 as they are.
std::vector<std::int32_t> all_integers() {
  std::vector<std::int32_t> sums(1 << 14);
  for (std::size_t i = 0; i < sums.size(); ++i) sums[i] = static_cast<std::int32_t>(i) - (1 << 13);
  return sums;
}

VectorSetup setup_for_integers(VectorOperation operation) {
  VectorSetup setup;
  setup.scale.fill(1);
  isa::VectorFunction& f = setup.function;
  f.operation = operation;
  f.source = VectorSource::partial_sum;
  f.middle_lowest = f.output_lowest = -(1 << 13), f.middle_highest = f.output_highest = 1 << 13;
  return setup;
}

// Integers above 2048 are no halves: every second one above 4096 lies in the middle of two.
TEST_P(EachKernel, LargeHalvesAreRoundedToNearestEven) {
  VectorSetup setup = setup_for_integers(VectorOperation::multiply);
  setup.function.second = VectorSecond::constant;
  for (const float factor : {1.0f, -1.0f, 0x1.004p-1f, 0x1.554p-1f}) {
    setup.constant.fill(factor);
    expect_exact(*GetParam(), setup, all_integers());
  }
}

// The hard sigmoid of small numbers with a small slope is a half below 2^-14; what it is multiplied with shows its last
// bits.
TEST_P(EachKernel, SmallHalvesAreRoundedToNearestEven) {
  VectorSetup setup = setup_for_integers(VectorOperation::hard_swish);
  isa::VectorFunction& f = setup.function;
  f.ky = 65504;
  for (const float kx : {0x1p-6f, 0x1.008p-6f, 0x1p-9f}) {
    for (int slope = 1; slope < 64; ++slope) {
      f.kx = kx;
      f.alpha = std::ldexp(static_cast<float>(slope), -24);
      f.beta = slope % 4 == 3 ? 0x1p-24f : 0;
      expect_exact(*GetParam(), setup, all_integers());
    }
  }
}

// From 65520 on there is no half but infinity, and infinity less infinity is no number, which counts as zero.
TEST_P(EachKernel, HalvesThatOverflowAreInfinite) {
  VectorSetup setup = setup_for_integers(VectorOperation::add);
  isa::VectorFunction& f = setup.function;
  f.second = VectorSecond::constant;
  for (const float factor : {8.0f, -8.0f, 32.0f, 65504.0f}) {
    f.kx = factor;
    for (const float constant : {-65504.0f, 65504.0f, 16.0f, -32768.0f}) {
      setup.constant.fill(constant);
      expect_exact(*GetParam(), setup, all_integers());
    }
  }
  setup = setup_for_integers(VectorOperation::multiply);
  setup.function.second = VectorSecond::memory;
  setup.function.second_zero = 128;
  setup.function.kx = 65504, setup.function.ky = 1;
  AlignedBytes arena(256 * 32);
  for (std::size_t code = 0; code < 256; ++code) std::memset(arena.data() + code * 32, static_cast<int>(code), 32);
  const PreparedSetup prepared = prepare(setup, chip::VectorPrecision::fp16);
  ASSERT_TRUE(prepared.in_floats);
  std::vector<std::int32_t> sums(32);
  for (std::int32_t lane = 0; lane < 32; ++lane) sums[lane] = lane - 16;  // among them zero times infinity
  for (std::uint32_t code = 0; code < 256; ++code) {
    std::vector<std::uint8_t> output(32), expected(32);
    GetParam()->finish_sums(prepared, sums.data(), 1, arena.data(), &code, output.data());
    exact_vector_unit().finish_sums(prepared, sums.data(), 1, arena.data(), &code, expected.data());
    ASSERT_EQ(output, expected) << code;
  }
}

// 3003 times a third is 1001 as a float and a little more before it is rounded; less 1000.5, only the former lies in
// the middle of two integers.
TEST_P(EachKernel, ProductsAreRoundedBeforeTheyAreAdded) {
  VectorSetup setup = setup_for_integers(VectorOperation::offset);
  setup.function.second = VectorSecond::constant;
  setup.scale.fill(1.0f / 3);
  setup.constant.fill(-1000.5f);
  expect_exact(*GetParam(), setup, all_integers());
  setup.function.operation = VectorOperation::add;
  setup.scale.fill(1);
  setup.function.kx = 1.0f / 3;
  expect_exact(*GetParam(), setup, all_integers(), chip::VectorPrecision::fp32);
}

// Scales as no compiler gives them, on sums that make numbers, infinities and what is no number of them.
TEST_P(EachKernel, ScalesThatAreNoNumbersAreExact) {
  constexpr float infinity = std::numeric_limits<float>::infinity();
  for (const auto operation : {VectorOperation::move, VectorOperation::scale, VectorOperation::hard_swish}) {
    VectorSetup setup = setup_for_integers(operation);
    isa::VectorFunction& f = setup.function;
    f.kx = 1, f.ky = 1, f.alpha = 0x1p-3f, f.beta = 0.5f;
    f.middle_lowest = -100;
    const float scales[] = {infinity, -infinity, std::numeric_limits<float>::quiet_NaN(), 0x1p127f, 0x1p-149f,
                            0,        -0.0f};
    for (std::size_t lane = 0; lane < 32; ++lane) setup.scale[lane] = scales[lane % std::size(scales)];
    std::vector<std::int32_t> sums;
    for (const std::int32_t sum : {0, 1, -1, 1 << 20, -(1 << 20), std::numeric_limits<std::int32_t>::max(),
                                   std::numeric_limits<std::int32_t>::min()})
      sums.insert(sums.end(), 32, sum);
    expect_exact(*GetParam(), setup, sums);
  }
}

// A table that gave every target the same code would pass all of the above.
TEST(Kernels, EachHasItsOwnCode) {
  std::set<const void*> seen;
  for (const Kernel* kernel : kernels()) {
    EXPECT_TRUE(seen.insert(reinterpret_cast<const void*>(kernel->multiply)).second) << kernel->name;
    EXPECT_TRUE(seen.insert(reinterpret_cast<const void*>(kernel->finish_sums)).second) << kernel->name;
  }
  EXPECT_EQ(&best_kernel(), kernels().back());
}

INSTANTIATE_TEST_SUITE_P(Kernels, EachKernel, testing::ValuesIn(kernels()),
                         [](const auto& info) { return std::string(info.param->name); });

}  // namespace
}  // namespace northpole::tests
