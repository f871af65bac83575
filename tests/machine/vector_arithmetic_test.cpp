// The vector unit's arithmetic against slow definitions: rounding by searching among all half-precision numbers.
#include "machine/vector_arithmetic.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <limits>
#include <random>
#include <vector>

namespace northpole::machine {
namespace {

using chip::VectorPrecision;
using isa::VectorFunction;
using isa::VectorOperation;
using isa::VectorSecond;
using isa::VectorSource;

// Every finite half that is not negative, in rising order; the place is the bit pattern, so an even place is an even
// fraction.
const std::vector<double>& halves() {
  static const std::vector<double> values = [] {
    std::vector<double> result;
    for (int bits = 0; bits < 0x7c00; ++bits) {
      const int exponent = bits >> 10, fraction = bits & 0x3ff;
      result.push_back(exponent == 0 ? std::ldexp(fraction, -24) : std::ldexp(1024 + fraction, exponent - 25));
    }
    return result;
  }();
  return values;
}

double slow_half(double value) {
  if (std::isnan(value)) return value;
  const double magnitude = std::fabs(value);
  if (magnitude >= 65520) return std::copysign(INFINITY, value);  // half of the last step above 65504 goes up
  const auto above = std::lower_bound(halves().begin(), halves().end(), magnitude);
  if (above == halves().end()) return std::copysign(65504.0, value);
  if (*above == magnitude) return value;
  const auto below = above - 1;
  const double down = magnitude - *below, up = *above - magnitude;  // exact: halves are few and doubles wide
  const bool take_above = up < down || (up == down && (above - halves().begin()) % 2 == 0);
  return std::copysign(take_above ? *above : *below, value);
}

void expect_same(double got, double expected, double value) {
  if (std::isnan(expected)) {
    EXPECT_TRUE(std::isnan(got)) << value;
  } else {
    EXPECT_EQ(got, expected) << value;
    EXPECT_EQ(std::signbit(got), std::signbit(expected)) << value;
  }
}

TEST(RoundToHalf, EveryHalfAndEveryMiddle) {
  for (std::size_t i = 0; i < halves().size(); ++i) {
    const double value = halves()[i], next = i + 1 < halves().size() ? halves()[i + 1] : 65536.0;
    const double middle = value + (next - value) / 2;
    for (const double sign : {1.0, -1.0}) {
      for (const double probe : {value, middle, std::nextafter(middle, 0.0), std::nextafter(middle, INFINITY)}) {
        expect_same(round_to_half(sign * probe), slow_half(sign * probe), sign * probe);
      }
    }
  }
}

TEST(RoundToHalf, SpecialAndRandomNumbers) {
  for (const double value : {0.0, -0.0, 0x1p-25, 0x1.8p-25, 0x1p-26, 0x1p-1060, 65519.99, 65520.0, 1e300,
                             double(INFINITY), -double(INFINITY), double(NAN)}) {
    expect_same(round_to_half(value), slow_half(value), value);
  }
  std::mt19937_64 random(2);
  for (int trial = 0; trial < 200000; ++trial) {
    const double value =
        std::ldexp(static_cast<double>(static_cast<std::int64_t>(random())), static_cast<int>(random() % 48) - 63 - 27);
    expect_same(round_to_half(value), slow_half(value), value);
  }
}

std::int32_t slow_clamped(double value, std::int64_t lowest, std::int64_t highest) {
  if (std::isnan(value)) value = 0;
  const double nearest = std::nearbyint(value);
  if (nearest < static_cast<double>(lowest)) return static_cast<std::int32_t>(lowest);
  if (nearest > static_cast<double>(highest)) return static_cast<std::int32_t>(highest);
  return static_cast<std::int32_t>(nearest);
}

TEST(Requantize, AgreesWithTheDefinition) {
  std::mt19937 random(3);
  for (int trial = 0; trial < 3000; ++trial) {
    std::array<std::int32_t, 32> sum, bias, x;
    std::array<float, 32> scale;
    for (std::size_t l = 0; l < 32; ++l) {
      sum[l] = static_cast<std::int32_t>(random()) >> (random() % 31);
      bias[l] = static_cast<std::int32_t>(random()) >> (random() % 31);
      scale[l] = std::ldexp(static_cast<float>(random() % 4096), -static_cast<int>(random() % 30));
    }
    scale[0] = 0.5f;  // ties
    scale[1] = 0.25f;
    scale[2] = NAN;
    scale[3] = INFINITY;
    const std::int32_t lowest = trial % 3 == 0 ? INT32_MIN : -128, highest = trial % 3 == 0 ? INT32_MAX : 127;
    std::array<float, 32> offset;
    for (auto& number : offset) number = std::ldexp(static_cast<float>(random() % 65536) - 32768.0f, -8);
    const bool has_offset = trial % 2 == 1;
    requantize(sum.data(), bias.data(), scale.data(), has_offset ? offset.data() : nullptr, lowest, highest, x.data());
    for (std::size_t l = 0; l < 32; ++l) {
      const auto total =
          static_cast<std::int32_t>(static_cast<std::uint32_t>(sum[l]) + static_cast<std::uint32_t>(bias[l]));
      volatile float product = static_cast<float>(total);
      product = product * scale[l];
      if (has_offset) product = product + offset[l];
      EXPECT_EQ(x[l], slow_clamped(product, lowest, highest)) << total << " * " << scale[l];
    }
  }
}

TEST(LoadCodes, SignedAndUnsigned) {
  std::array<std::uint8_t, 32> codes;
  for (std::size_t l = 0; l < 32; ++l) codes[l] = static_cast<std::uint8_t>(l * 8 + 5);
  std::array<std::int32_t, 32> x;
  load_codes(codes.data(), true, -7, x.data());
  for (std::size_t l = 0; l < 32; ++l) EXPECT_EQ(x[l], static_cast<std::int8_t>(codes[l]) + 7);
  load_codes(codes.data(), false, 100, x.data());
  for (std::size_t l = 0; l < 32; ++l) EXPECT_EQ(x[l], codes[l] - 100);
}

// isa/vector_function.h, line by line, with a rounding of its own.
double slow_operation(const VectorFunction& f, VectorPrecision precision, std::int32_t x, std::int32_t y,
                      float constant) {
  const auto F = [&](long double exact) {
    // Sums and products of a few short numbers are exact in a long double.
    if (precision == VectorPrecision::fp32) return static_cast<double>(static_cast<float>(exact));
    return slow_half(static_cast<double>(exact));
  };
  const long double kx = f.kx, ky = f.ky;
  const double u = F(x * kx);
  const double second = f.second == VectorSecond::constant ? static_cast<double>(constant) : F(y * ky);
  const auto hard = [&](double v) {
    return std::min(1.0, std::max(0.0, F(static_cast<long double>(F(static_cast<long double>(f.alpha) * v)) + f.beta)));
  };
  switch (f.operation) {
    case VectorOperation::move:
    case VectorOperation::offset:
      return x;
    case VectorOperation::scale:
      return u;
    case VectorOperation::add:
      return F(static_cast<long double>(u) + second);
    case VectorOperation::subtract:
      return F(static_cast<long double>(u) - second);
    case VectorOperation::reverse_subtract:
      return F(static_cast<long double>(second) - u);
    case VectorOperation::multiply:
      return f.second == VectorSecond::constant ? F(static_cast<long double>(x) * constant)
                                                : F(static_cast<long double>(u) * y);
    case VectorOperation::leaky_relu:
      return F(x * (x >= 0 ? kx : ky));
    case VectorOperation::sigmoid:
      return F(F(1.0 / (1.0 + std::exp(-u))) * ky);
    case VectorOperation::hard_sigmoid:
      return F(hard(u) * ky);
    case VectorOperation::hard_swish:
      return F(F(static_cast<long double>(u) * hard(u)) * ky);
  }
  return NAN;
}

float constant_for(std::mt19937& random, VectorPrecision precision) {
  const double value = std::ldexp(static_cast<double>(random() % 65536) - 32768, -static_cast<int>(random() % 24));
  return static_cast<float>(round_to(precision, value));
}

class Apply : public testing::TestWithParam<std::tuple<VectorPrecision, int>> {};

TEST_P(Apply, AgreesWithTheDefinition) {
  const auto [precision, operation] = GetParam();
  std::mt19937 random(static_cast<unsigned>(operation) + 10);
  for (int trial = 0; trial < 2000; ++trial) {
    VectorFunction f;
    f.source = VectorSource::memory;
    f.operation = static_cast<VectorOperation>(operation);
    const bool takes_second = f.operation >= VectorOperation::add && f.operation <= VectorOperation::multiply;
    if (takes_second) f.second = random() % 2 ? VectorSecond::memory : VectorSecond::constant;
    f.kx = constant_for(random, precision), f.ky = constant_for(random, precision);
    f.alpha = constant_for(random, precision) / 64, f.beta = 0.5f;
    f.alpha = static_cast<float>(round_to(precision, f.alpha));
    f.output_zero = static_cast<std::int32_t>(random() % 256) - 128;
    f.output_lowest = trial % 4 ? -128 : f.output_zero;
    f.output_highest = 127;
    std::array<std::int32_t, 32> x, y;
    std::array<float, 32> constant;
    std::array<std::uint8_t, 32> codes;
    for (std::size_t l = 0; l < 32; ++l) {
      x[l] = static_cast<std::int32_t>(random() % 511) - 255, y[l] = static_cast<std::int32_t>(random() % 511) - 255;
      constant[l] = constant_for(random, precision);
    }
    apply(f, precision, x.data(), y.data(), constant.data(), codes.data());
    for (std::size_t l = 0; l < 32; ++l) {
      const double r = slow_operation(f, precision, x[l], y[l], constant[l]);
      const std::int32_t code = slow_clamped(r, std::int64_t{f.output_lowest} - f.output_zero,
                                             std::int64_t{f.output_highest} - f.output_zero) +
                                f.output_zero;
      ASSERT_EQ(codes[l], static_cast<std::uint8_t>(code))
          << "operation " << operation << ", x " << x[l] << ", y " << y[l] << ", r " << r;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(All, Apply,
                         testing::Combine(testing::Values(VectorPrecision::fp16, VectorPrecision::fp32),
                                          testing::Range(0, static_cast<int>(VectorOperation::offset) + 1)));

}  // namespace
}  // namespace northpole::machine
