// Each kernel alone, on random numbers and on the extremes.
#include "machine/fast/kernel.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <limits>
#include <random>

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
      finish_sums_exactly(setup, sums.data(), rows, arena.data(), seconds, expected.data());
    } else {
      const auto slots = random_slots(random, rows * inputs);
      kernel.finish_words(setup, slots.data(), inputs, rows, arena.data(), seconds, output.data());
      finish_words_exactly(setup, slots.data(), inputs, rows, arena.data(), seconds, expected.data());
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
      finish_sums_exactly(prepared, sums.data(), 256, arena.data(), seconds.data(), expected.data());
      ASSERT_EQ(output, expected) << "kx " << f.kx << ", ky " << f.ky << ", code " << code;
    }
  }
  EXPECT_GT(plain, 40);
}

INSTANTIATE_TEST_SUITE_P(Kernels, EachKernel, testing::ValuesIn(kernels()),
                         [](const auto& info) { return "Kernel" + std::to_string(info.index); });

}  // namespace
}  // namespace northpole::tests
