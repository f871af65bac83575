#include "machine/fast/kernel.h"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "machine/vector_arithmetic.h"

namespace northpole::machine::fast {
namespace {

bool within(double value, double bound) { return value >= -bound && value <= bound; }

// Whether float arithmetic, each result rounded to the precision again, is the exact rule. Two roundings of a sum or
// product of two halves, first to a float's 24 bits, then to 11, are one, as 24 >= 2 x 11 + 2; an integer up to 2^13
// times a half is exact in a float.
bool floats_suffice(const VectorSetup& setup, chip::VectorPrecision precision) {
  const isa::VectorFunction& f = setup.function;
  if (f.operation == isa::VectorOperation::sigmoid) return false;
  const bool half = precision == chip::VectorPrecision::fp16;
  const auto number = [&](float value) {
    return std::isfinite(value) && (!half || static_cast<double>(value) == round_to_half(value));
  };
  const double integers = 1 << 13;
  if (!number(f.kx) || !number(f.ky) || !number(f.alpha) || !number(f.beta)) return false;
  // An offset is added to a float and rounded as one, whatever the precision.
  const bool has_offset = f.operation == isa::VectorOperation::offset;
  if (f.second == isa::VectorSecond::constant && !has_offset && !std::ranges::all_of(setup.constant, number))
    return false;
  if (f.source == isa::VectorSource::partial_sum &&
      (!within(f.middle_lowest, integers) || !within(f.middle_highest, integers)))
    return false;
  if (!within(f.source_zero, integers - 256) || !within(f.second_zero, integers - 256)) return false;
  return within(f.output_zero, integers) && within(f.output_lowest, integers) && within(f.output_highest, integers);
}

// PreparedSetup::plain, for setups that floats suffice for. A product of an integer and a number of at least 2^-14 is
// zero or at least 2^-14 itself; a sum or difference of two halves is a multiple of 2^-24, so exact below 2^-13.
bool plain(const VectorSetup& setup) {
  using isa::VectorOperation;
  const isa::VectorFunction& f = setup.function;
  const auto finite = [](float value) { return std::isfinite(value); };
  if (!std::ranges::all_of(setup.scale, finite) || !std::ranges::all_of(setup.constant, finite)) return false;
  const auto largest = [](double one, double other) { return std::max(std::abs(one), std::abs(other)); };
  const double largest_x = f.source == isa::VectorSource::partial_sum
                               ? largest(f.middle_lowest, f.middle_highest)
                               : 256 + std::abs(static_cast<double>(f.source_zero));
  const double largest_y = 256 + std::abs(static_cast<double>(f.second_zero));
  const auto factor = [](float value, double largest_integer) {
    const double magnitude = std::abs(static_cast<double>(value));
    return magnitude == 0 || (magnitude >= 0x1p-14 && magnitude * largest_integer < 30000);
  };
  const bool second = f.second == isa::VectorSecond::memory
                          ? factor(f.ky, largest_y)
                          : std::ranges::all_of(setup.constant, [](float value) { return std::abs(value) < 30000; });
  switch (f.operation) {
    case VectorOperation::move:
    case VectorOperation::offset:
      return true;
    case VectorOperation::scale:
      return factor(f.kx, largest_x);
    case VectorOperation::leaky_relu:
      return factor(f.kx, largest_x) && factor(f.ky, largest_x);
    case VectorOperation::add:
    case VectorOperation::subtract:
    case VectorOperation::reverse_subtract:
      return factor(f.kx, largest_x) && second;
    default:
      return false;
  }
}

void keep_block(const std::uint8_t* lanes, std::int8_t* prepared) { std::memcpy(prepared, lanes, block_bytes); }

void multiply_portable(const std::uint8_t* panel, std::uint32_t rows, const std::uint32_t* blocks, std::uint32_t terms,
                       const std::int8_t* weights, const std::int32_t* start, std::int32_t* sums,
                       const std::uint32_t*) {
  for (std::uint32_t row = 0; row < rows; ++row) std::memcpy(sums + row * chip::lanes, start, chip::lanes * 4);
  for (std::uint32_t term = 0; term < terms; ++term) {
    const std::int8_t* block = weights + blocks[term] * block_bytes;
    for (std::uint32_t row = 0; row < rows; ++row) {
      std::int16_t activation[chip::word_bytes];
      std::memcpy(activation, panel + (std::size_t{term} * rows + row) * sizeof activation, sizeof activation);
      for (std::uint32_t lane = 0; lane < chip::lanes; ++lane) {
        std::int32_t total = 0;
        for (std::uint32_t i = 0; i < chip::word_bytes; ++i)
          total += activation[i] * block[lane * chip::word_bytes + i];
        std::int32_t& sum = sums[row * chip::lanes + lane];
        sum = static_cast<std::int32_t>(static_cast<std::uint32_t>(sum) + static_cast<std::uint32_t>(total));
      }
    }
  }
}

// Steps 3 to 5 of a vector event.
void finish_exactly(const PreparedSetup& setup, const std::int32_t* x, const std::uint8_t* second,
                    std::uint8_t* output) {
  const isa::VectorFunction& function = setup.setup.function;
  std::int32_t y[chip::lanes];
  if (second != nullptr) load_codes(second, function.second_signed, function.second_zero, y);
  apply(function, setup.precision, x, y, setup.setup.constant.data(), output);
}

}  // namespace

PreparedSetup prepare(const VectorSetup& setup, chip::VectorPrecision precision) {
  PreparedSetup result;
  result.setup = setup;
  result.precision = precision;
  result.in_floats = floats_suffice(setup, precision);
  if (result.in_floats) {
    result.plain = plain(setup);
    const isa::VectorFunction& f = setup.function;
    result.middle_lowest = static_cast<float>(f.middle_lowest);
    result.middle_highest = static_cast<float>(f.middle_highest);
    result.output_lowest = static_cast<float>(f.output_lowest - f.output_zero);
    result.output_highest = static_cast<float>(f.output_highest - f.output_zero);
  }
  return result;
}

void pack_wide(const std::uint8_t* arena, const std::uint32_t* slots, std::size_t count, bool is_signed,
               std::uint8_t* panel) {
  for (std::size_t i = 0; i < count; ++i) {
    const std::uint8_t* word = arena + std::size_t{slots[i]} * chip::word_bytes;
    std::int16_t wide[chip::word_bytes];
    for (std::uint32_t j = 0; j < chip::word_bytes; ++j)
      wide[j] = is_signed ? static_cast<std::int8_t>(word[j]) : word[j];
    std::memcpy(panel + i * sizeof wide, wide, sizeof wide);
  }
}

void finish_sums_exactly(const PreparedSetup& setup, const std::int32_t* sums, std::uint32_t rows,
                         const std::uint8_t* arena, const std::uint32_t* seconds, std::uint8_t* output) {
  const isa::VectorFunction& function = setup.setup.function;
  for (std::uint32_t row = 0; row < rows; ++row) {
    std::int32_t x[chip::lanes];
    const bool has_offset = function.operation == isa::VectorOperation::offset;
    requantize(sums + row * chip::lanes, setup.setup.bias.data(), setup.setup.scale.data(),
               has_offset ? setup.setup.constant.data() : nullptr, function.middle_lowest, function.middle_highest, x);
    finish_exactly(setup, x, seconds ? arena + std::size_t{seconds[row]} * chip::word_bytes : nullptr,
                   output + row * chip::word_bytes);
  }
}

void finish_words_exactly(const PreparedSetup& setup, const std::uint32_t* slots, std::uint32_t inputs,
                          std::uint32_t rows, const std::uint8_t* arena, const std::uint32_t* seconds,
                          std::uint8_t* output) {
  const isa::VectorFunction& function = setup.setup.function;
  for (std::uint32_t row = 0; row < rows; ++row) {
    std::int32_t largest[chip::lanes], x[chip::lanes];
    for (std::uint32_t i = 0; i < inputs; ++i) {
      load_codes(arena + std::size_t{slots[row * inputs + i]} * chip::word_bytes, function.source_signed,
                 function.source_zero, x);
      for (std::uint32_t l = 0; l < chip::lanes; ++l) largest[l] = i == 0 ? x[l] : std::max(largest[l], x[l]);
    }
    finish_exactly(setup, largest, seconds ? arena + std::size_t{seconds[row]} * chip::word_bytes : nullptr,
                   output + row * chip::word_bytes);
  }
}

const Kernel portable_kernel{
    "portable", 4, 64, false, keep_block, pack_wide, multiply_portable, finish_sums_exactly, finish_words_exactly};

std::vector<const Kernel*> kernels() {
  std::vector<const Kernel*> result{&portable_kernel};
#if defined(__x86_64__)
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("f16c")) result.push_back(&avx2_kernel);
  if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl") &&
      __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vnni")) {
    result.push_back(&avx512_kernel);
  }
#endif
  return result;
}

const Kernel& best_kernel() {
  static const Kernel& best = *kernels().back();
  return best;
}

}  // namespace northpole::machine::fast
