#include "quantize/ranges.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "network/error.h"

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

}  // namespace
}  // namespace northpole::quantize
