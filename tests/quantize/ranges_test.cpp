#include "quantize/ranges.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "network/error.h"
#include "quantize/divergence.h"

namespace northpole::quantize {
namespace {

using network::ElementType;

// The quantiles of a bell curve, and one far outlier if asked for.
std::vector<float> bell(int count, float outlier = 0) {
  std::vector<float> values;
  for (int i = 0; i < count; ++i) {
    const double share = (i + 0.5) / count;
    values.push_back(static_cast<float>(std::log(share / (1 - share)) / 1.7));  // logistic, near enough
  }
  if (outlier != 0) values.push_back(outlier);
  return values;
}

Histogram histogram_of(const std::vector<float>& values) {
  Histogram histogram;
  histogram.add(values.data(), static_cast<std::int64_t>(values.size()));
  return histogram;
}

TEST(Histogram, DoesNotDependOnTheOrderOrTheParts) {
  std::vector<float> values = bell(1000, 30.0f);
  const Histogram forward = histogram_of(values);
  Histogram parts;
  std::reverse(values.begin(), values.end());
  for (std::size_t i = 0; i < values.size(); i += 7) {
    Histogram part;
    part.add(values.data() + i, static_cast<std::int64_t>(std::min<std::size_t>(7, values.size() - i)));
    if (i % 2)
      parts.add(part);
    else
      part.add(parts), parts = part;
  }
  EXPECT_EQ(forward, parts);
}

TEST(Histogram, BinsHoldTheValues) {
  const auto bins = histogram_of({-1.0f, 0.0f, 0.25f, 0.25f, 1.0f}).bins();
  ASSERT_EQ(bins.size(), 4u);
  double previous = -2;
  for (const auto& bin : bins) {
    EXPECT_GT(bin.centre, previous);
    previous = bin.centre;
  }
  EXPECT_NEAR(bins[0].centre, -1, 2e-4);
  EXPECT_EQ(bins[2].count, 2);
  EXPECT_NEAR(bins[2].centre, 0.25, 2e-4);
}

TEST(Ranges, AreUnsignedFromZeroForWhatIsNeverNegative) {
  const auto q = choose_quantization(histogram_of({0.0f, 1.0f, 2.55f}), true, RangeMethod::min_max);
  EXPECT_EQ(q.type, ElementType::uint8);
  EXPECT_EQ(q.zero_point, 0);
  EXPECT_FLOAT_EQ(q.scale, 0.01f);
}

TEST(Ranges, AreSymmetricUnlessAZeroPointPays) {
  const auto even = choose_quantization(histogram_of(bell(1000)), false, RangeMethod::mean_squared_error);
  EXPECT_EQ(even.type, ElementType::int8);
  EXPECT_EQ(even.zero_point, 0);
  std::vector<float> shifted = bell(1000);
  for (float& value : shifted) value += 3;
  const auto uneven = choose_quantization(histogram_of(shifted), false, RangeMethod::mean_squared_error);
  EXPECT_EQ(uneven.type, ElementType::int8);
  EXPECT_NE(uneven.zero_point, 0);
}

TEST(Ranges, ClipAnOutlierRatherThanRoundEverythingElse) {
  const Histogram histogram = histogram_of(bell(100000, 60.0f));
  const auto whole = choose_quantization(histogram, false, RangeMethod::min_max);
  const auto percentile = choose_quantization(histogram, false, RangeMethod::percentile);
  const auto best = choose_quantization(histogram, false, RangeMethod::mean_squared_error);
  EXPECT_LT(best.scale, whole.scale);
  EXPECT_LT(mean_squared_error(histogram, best), mean_squared_error(histogram, whole));
  EXPECT_LE(mean_squared_error(histogram, best), mean_squared_error(histogram, percentile));
}

TEST(Ranges, ArePositiveAndFitIntoHalfPrecisionWhateverWasSeen) {
  for (bool never_negative : {false, true}) {
    for (float magnitude : {0.0f, 1e-20f, 1e-3f, 1e3f, 1e20f}) {
      for (auto method : {RangeMethod::min_max, RangeMethod::percentile, RangeMethod::mean_squared_error}) {
        const auto q = choose_quantization(histogram_of({0.0f, magnitude}), never_negative, method);
        for (float constant : {q.scale, 1 / q.scale}) {
          EXPECT_GE(constant, 0x1p-14f) << magnitude;
          EXPECT_LE(constant, 65504.0f) << magnitude;
        }
      }
    }
    EXPECT_GT(choose_quantization(Histogram(), never_negative, RangeMethod::mean_squared_error).scale, 0);
  }
}

TEST(Ranges, OfFewBitsLoseLeast) {
  const Histogram histogram = histogram_of(bell(10000));
  std::vector<float> rectified = bell(10000);
  for (float& value : rectified) value = std::max(value, 0.0f);
  for (const int bits : {4, 2}) {
    const auto even = choose_quantization(histogram, false, RangeMethod::mean_squared_error, bits);
    EXPECT_EQ(even.type, network::quantized_type(bits, true));
    const auto positive = choose_quantization(histogram_of(rectified), true, RangeMethod::mean_squared_error, bits);
    EXPECT_EQ(positive.type, network::quantized_type(bits, false));
    EXPECT_EQ(positive.zero_point, 0);
    for (const float factor : {0.9f, 1.1f}) {
      auto other = positive;
      other.scale *= factor;
      EXPECT_GT(mean_squared_error(histogram_of(rectified), other),
                mean_squared_error(histogram_of(rectified), positive));
    }
    const auto whole = choose_quantization(histogram, false, RangeMethod::min_max, bits);
    EXPECT_LT(mean_squared_error(histogram, even), mean_squared_error(histogram, whole));
  }
}

TEST(Ranges, MethodsHaveNames) {
  EXPECT_EQ(range_method("mse"), RangeMethod::mean_squared_error);
  EXPECT_THROW(range_method("best"), Error);
}

TEST(Ranges, EveryMethodBeatsMinMaxBesideAnOutlier) {
  const Histogram all = histogram_of(bell(20000, 40.0f)), bulk = histogram_of(bell(20000));
  for (const int bits : {8, 4, 2}) {
    const auto chosen = [&](RangeMethod method) { return choose_quantization(all, false, method, bits); };
    const auto min_max = chosen(RangeMethod::min_max);
    // Each in what it is for: the error over all that was seen ...
    EXPECT_LE(mean_squared_error(all, chosen(RangeMethod::mean_squared_error)), mean_squared_error(all, min_max));
    // ... the bulk (of two bits it is clipped either way), which one value in twenty thousand shall not spoil ...
    if (bits > 2) {
      EXPECT_LT(mean_squared_error(bulk, chosen(RangeMethod::percentile)), 0.5 * mean_squared_error(bulk, min_max));
    }
    // ... and what the codes tell.
    EXPECT_LT(divergence(all.bins(), chosen(RangeMethod::entropy)), divergence(all.bins(), min_max));
  }
  const auto of_four = [&](RangeMethod method) {
    return mean_squared_error(all, choose_quantization(all, false, method, 4));
  };
  EXPECT_LT(of_four(RangeMethod::mean_squared_error), 0.5 * of_four(RangeMethod::min_max));
}

TEST(Ranges, PercentileKeepsWhatItIsAskedFor) {
  const Histogram histogram = histogram_of(bell(20000));
  const auto range = [&](double percent) {
    const auto [type, scale, zero] = choose_quantization(histogram, false, RangeMethod::percentile, 8, percent);
    return static_cast<double>(scale) * 127;
  };
  EXPECT_NEAR(range(99), std::log(0.99 / 0.01) / 1.7, 0.02);
  EXPECT_NEAR(range(90), std::log(0.9 / 0.1) / 1.7, 0.02);
  EXPECT_NEAR(range(100), static_cast<double>(histogram.largest()), 1e-5);
}

TEST(Divergence, IsNothingWhenEveryBinHasItsOwnCode) {
  std::vector<Histogram::Bin> bins;
  for (int i = 1; i < 20; ++i) bins.push_back({i + 0.25, 10.0 * i});
  EXPECT_NEAR(divergence(bins, {ElementType::uint8, 1.0f, 0}), 0, 1e-12);
  // Two bins a code lose something, clipping half of them loses more.
  const double blurred = divergence(bins, {ElementType::uint8, 2.0f, 0});
  EXPECT_GT(blurred, 1e-4);
  EXPECT_GT(divergence(bins, {ElementType::uint8, 10.0f / 255, 0}), blurred);
}

}  // namespace
}  // namespace northpole::quantize
