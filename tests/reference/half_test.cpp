#include "reference/half.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <random>
#include <vector>

namespace northpole::reference {
namespace {

// Every finite half-precision number that is not negative, from the definition, in ascending order: code number =
// index.
std::vector<double> all_halves() {
  std::vector<double> halves;
  for (int code = 0; code < 0x7c00; ++code) {
    const int exponent = code >> 10, fraction = code & 1023;
    halves.push_back(exponent == 0 ? std::ldexp(fraction, -24) : std::ldexp(1024 + fraction, exponent - 25));
  }
  return halves;
}

// The slow definition: the nearest of all halves, of two equally near the one with an even code; what would round to
// 65536, one step above the largest, is infinite.
double nearest_half(double value) {
  static const std::vector<double> halves = all_halves();
  const double magnitude = std::fabs(value);
  const auto above = std::lower_bound(halves.begin(), halves.end(), magnitude);
  double nearest = 0;
  if (above == halves.end()) {
    nearest = magnitude < 65520 ? 65504 : std::numeric_limits<double>::infinity();
  } else if (*above == magnitude) {
    nearest = *above;
  } else {
    const double high = *above, low = *(above - 1);
    const bool low_is_even = (above - 1 - halves.begin()) % 2 == 0;
    nearest = magnitude - low < high - magnitude || (magnitude - low == high - magnitude && low_is_even) ? low : high;
  }
  return std::copysign(nearest, value);
}

TEST(Half, KeepsEveryHalf) {
  for (double half : all_halves()) {
    EXPECT_EQ(round_to_half(static_cast<float>(half)), half);
    EXPECT_EQ(round_to_half(static_cast<float>(-half)), -half);
    EXPECT_EQ(round_to_half_from_double(half), half);
  }
}

TEST(Half, RoundsMidpointsAndTheirNeighboursLikeTheDefinition) {
  std::vector<double> halves = all_halves();
  halves.push_back(65536);
  for (std::size_t i = 0; i + 1 < halves.size(); ++i) {
    const auto middle = static_cast<float>((halves[i] + halves[i + 1]) / 2);  // exact: one bit more than a half has
    for (float value : {std::nextafter(middle, 0.0f), middle, std::nextafter(middle, 1e9f)}) {
      ASSERT_EQ(round_to_half(value), nearest_half(value)) << value;
      ASSERT_EQ(round_to_half(-value), nearest_half(-value)) << -value;
      ASSERT_EQ(round_to_half_from_double(value), nearest_half(value)) << value;
    }
    // Nearer to the midpoint than any float: rounding to float first would give a tie.
    const double middle_of_doubles = middle;
    for (double value : {std::nextafter(middle_of_doubles, 0.0), std::nextafter(middle_of_doubles, 1e9)}) {
      ASSERT_EQ(round_to_half_from_double(value), nearest_half(value)) << value;
    }
  }
}

TEST(Half, RoundsEveryPatternOfTheTopBitsLikeTheDefinition) {
  // All exponents with all fractions down to two bits below a half's last, and the sticky bit below those.
  for (std::uint32_t top = 0; top < 0x7f800000u >> 11; ++top) {
    for (std::uint32_t bottom : {0u, 1u, 0x7ffu}) {
      const float value = std::bit_cast<float>(top << 11 | bottom);
      if (value > 1e6f) return;
      if (value < 1e-9f && top % 64 != 0) continue;  // all of those vanish
      ASSERT_EQ(round_to_half(value), nearest_half(value)) << value;
    }
  }
}

TEST(Half, OverflowsToInfinityAndKeepsWhatIsNotANumber) {
  EXPECT_EQ(round_to_half(65519.996f), 65504.0f);
  EXPECT_EQ(round_to_half(65520.0f), std::numeric_limits<float>::infinity());
  EXPECT_EQ(round_to_half(-1e30f), -std::numeric_limits<float>::infinity());
  EXPECT_EQ(round_to_half_from_double(1e300), std::numeric_limits<float>::infinity());
  EXPECT_TRUE(std::isnan(round_to_half(std::numeric_limits<float>::quiet_NaN())));
  EXPECT_TRUE(std::signbit(round_to_half(-0.0f)));
}

TEST(Half, SumsAndProductsOfHalvesRoundedInFloatAreRoundedOnce) {
  std::mt19937 random(1);
  const std::vector<double> halves = all_halves();
  for (int i = 0; i < 200000; ++i) {
    const double a = halves[random() % halves.size()], b = halves[random() % halves.size()] * (random() % 2 ? 1 : -1);
    // Sums and products of halves are exact in double.
    ASSERT_EQ(round_to_half(static_cast<float>(a) + static_cast<float>(b)), nearest_half(a + b)) << a << " + " << b;
    ASSERT_EQ(round_to_half(static_cast<float>(a) * static_cast<float>(b)), nearest_half(a * b)) << a << " * " << b;
  }
}

}  // namespace
}  // namespace northpole::reference
