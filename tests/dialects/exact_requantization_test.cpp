// Constants that make a definition's codes: tried on every sum.
#include "network/dialects/exact_requantization.h"

#include <gtest/gtest.h>

#include <cmath>
#include <random>

namespace northpole::network {
namespace {

// docs/numerics.md, on its own.
std::int64_t law(const WantedCodes& wanted, const Requantization& constants, std::int64_t sum) {
  const float product = wanted.input_scale * constants.weight_scale;
  const float multiplier = product / wanted.output_scale;
  volatile float scaled = static_cast<float>(sum + constants.bias) * multiplier;
  scaled = scaled + constants.real_bias / wanted.output_scale;
  const double code = std::nearbyint(static_cast<double>(scaled));
  return static_cast<std::int64_t>(
      std::min(std::max(code, static_cast<double>(wanted.lowest)), static_cast<double>(wanted.highest)));
}

void expect_exact(const WantedCodes& wanted, const char* what) {
  const auto found = find_requantization(wanted);
  ASSERT_TRUE(found) << what;
  EXPECT_TRUE(found->bias == 0 || found->real_bias == 0);
  for (std::int64_t sum = wanted.least_sum; sum <= wanted.largest_sum; ++sum)
    ASSERT_EQ(law(wanted, *found, sum), wanted.code(sum)) << what << ", sum " << sum;
}

WantedCodes line(double slope, double intercept, std::int64_t reach, std::int64_t lowest, std::int64_t highest) {
  WantedCodes wanted;
  wanted.least_sum = -reach;
  wanted.largest_sum = reach;
  wanted.lowest = lowest;
  wanted.highest = highest;
  wanted.slope = slope;
  wanted.intercept = intercept;
  wanted.input_scale = 0.0173F;
  wanted.output_scale = 0.31F;
  wanted.code = [=](std::int64_t sum) {
    const double value = std::nearbyint(slope * static_cast<double>(sum) + intercept);
    return static_cast<std::int64_t>(
        std::min(std::max(value, static_cast<double>(lowest)), static_cast<double>(highest)));
  };
  return wanted;
}

TEST(ExactRequantization, FindsRandomLines) {
  std::mt19937 random(3);
  std::uniform_real_distribution<double> part(0, 1);
  for (int trial = 0; trial < 300; ++trial) {
    const int bits = 1 << (1 + trial % 3);
    const std::int64_t codes = std::int64_t{1} << bits,
                       reach = 1 + static_cast<std::int64_t>(std::exp2(part(random) * 15));
    const double slope = static_cast<double>(codes) / static_cast<double>(reach) * std::exp2(4 * part(random) - 2);
    expect_exact(line(slope, (part(random) - 0.5) * static_cast<double>(codes), reach, -codes / 2, codes / 2 - 1),
                 "a line");
  }
}

TEST(ExactRequantization, TiesAreTheDefinitions) {
  // Multiples of 1/8: every second code is reached at a tie. Halves to even, up and down.
  for (int mode = 0; mode < 3; ++mode) {
    WantedCodes wanted = line(0.125, 0.25, 200, -8, 7);
    wanted.code = [mode](std::int64_t sum) {
      const double value = 0.125 * static_cast<double>(sum) + 0.25;
      const double code = mode == 0   ? std::nearbyint(value)
                          : mode == 1 ? std::floor(value + 0.5)
                                      : std::ceil(value - 0.5);
      return static_cast<std::int64_t>(std::min(std::max(code, -8.0), 7.0));
    };
    expect_exact(wanted, "ties");
  }
}

TEST(ExactRequantization, SignsJump) {
  for (std::int64_t threshold = -20; threshold <= 21; ++threshold) {
    WantedCodes wanted = line(0.1, 0, 20, -1, 1);
    wanted.code = [threshold](std::int64_t sum) { return std::int64_t{sum >= threshold ? 1 : -1}; };
    expect_exact(wanted, "bipolar");
    wanted.code = [threshold](std::int64_t sum) { return std::int64_t{sum > threshold} - (sum < threshold); };
    expect_exact(wanted, "sign");
  }
}

TEST(ExactRequantization, ConstantsAndSteepLines) {
  WantedCodes wanted = line(0, 3, 100, -8, 7);
  expect_exact(wanted, "constant");
  expect_exact(line(3.7, -1.2, 10, -8, 7), "steep");
  expect_exact(line(2.5, 0, 10, -128, 127), "steep, with ties");
}

TEST(ExactRequantization, ABentLineIsNone) {
  WantedCodes wanted = line(0.5, 0, 40, -8, 7);
  // A clamp in the midst: flat from -4 to 4, then on.
  wanted.code = [](std::int64_t sum) {
    const double value =
        std::max(0.5 * static_cast<double>(sum), 2.0) - 4.0 + 0.25 * static_cast<double>(sum > 20 ? sum - 20 : 0);
    return static_cast<std::int64_t>(std::min(std::max(std::nearbyint(value), -8.0), 7.0));
  };
  EXPECT_FALSE(find_requantization(wanted));
}

}  // namespace
}  // namespace northpole::network
