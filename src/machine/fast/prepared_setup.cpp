#include <algorithm>
#include <cmath>

#include "machine/fast/kernel.h"
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

}  // namespace northpole::machine::fast
