#include "quantize/weights.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <cmath>

#include "network/error.h"

namespace northpole::quantize {
namespace {

using network::Tensor;
using testing::ElementsAre;

TEST(Weights, OnAGridStayExact) {
  const float grid = 1.0f / 64;
  const Tensor weights = Tensor::of_floats({2, 3}, {100 * grid, -37 * grid, 1 * grid, 73 * grid, 5 * grid, -2 * grid});
  const QuantizedWeights quantized = quantize_weights(weights, 0, {}, 1.0f);
  const Tensor real = real_weights(quantized, weights.shape, 0);
  for (std::int64_t i = 0; i < weights.size(); ++i) EXPECT_EQ(real.number(i), weights.number(i)) << i;
}

TEST(Weights, HaveAScaleForEachChannelOnEitherAxis) {
  const Tensor rows = Tensor::of_floats({2, 2}, {1.27f, -0.64f, 127.0f, 13.0f});
  EXPECT_THAT(quantize_weights(rows, 0, {}, 1.0f).codes, ElementsAre(127, -64, 127, 13));
  const Tensor columns = Tensor::of_floats({2, 2}, {1.27f, 127.0f, -0.64f, 13.0f});
  EXPECT_THAT(quantize_weights(columns, 1, {}, 1.0f).codes, ElementsAre(127, 127, -64, 13));
}

TEST(Weights, ErrByHalfAStepAtMost) {
  std::vector<float> values;
  for (int i = 0; i < 400; ++i) values.push_back(std::sin(static_cast<float>(i * i)));
  const Tensor weights = Tensor::of_floats({4, 100}, values);
  const QuantizedWeights quantized = quantize_weights(weights, 0, {}, 1.0f);
  const Tensor real = real_weights(quantized, weights.shape, 0);
  for (std::int64_t i = 0; i < weights.size(); ++i) EXPECT_NEAR(real.number(i), weights.number(i), 1.0 / 127) << i;
}

TEST(Weights, OfFewBitsOnAGridStayExact) {
  for (const int bits : {4, 2}) {
    const float lowest = -std::ldexp(1.0f, bits - 1);
    const Tensor weights = Tensor::of_floats({2, 3}, {lowest * 0.3f, 0.3f, 0, -lowest * 2 - 2, 0, 2});
    const QuantizedWeights quantized = quantize_weights(weights, 0, {}, 1.0f, bits);
    EXPECT_EQ(quantized.bits, bits);
    const Tensor real = real_weights(quantized, weights.shape, 0);
    for (std::int64_t i = 0; i < weights.size(); ++i) EXPECT_FLOAT_EQ(real.data<float>()[i], weights.data<float>()[i]);
  }
}

TEST(Weights, OfFewBitsClipWhereThatLosesLess) {
  std::vector<float> values;  // a bell curve
  for (int i = 0; i < 999; ++i) {
    const double share = (i + 0.5) / 999;
    values.push_back(static_cast<float>(std::log(share / (1 - share))));
  }
  const Tensor weights = Tensor::of_floats({1, 999}, values);
  const auto error = [&](const QuantizedWeights& quantized) {
    const Tensor real = real_weights(quantized, weights.shape, 0);
    double sum = 0;
    for (std::int64_t i = 0; i < weights.size(); ++i) sum += std::pow(real.number(i) - weights.number(i), 2);
    return sum / 999;
  };
  for (const auto& [bits, most] : {std::pair{4, 0.06}, std::pair{2, 0.9}}) {
    const QuantizedWeights best = quantize_weights(weights, 0, {}, 1.0f, bits);
    const auto lowest = -(std::int64_t{1} << (bits - 1));
    for (const std::int64_t code : best.codes) EXPECT_TRUE(code >= lowest && code < -lowest);
    EXPECT_LT(error(best), most) << "the variance is 3.3";
    for (const float factor : {0.97f, 1.03f}) {
      QuantizedWeights other = best;
      other.scales[0] *= factor;
      for (std::size_t i = 0; i < values.size(); ++i)
        other.codes[i] = std::clamp<std::int64_t>(std::llround(values[i] / other.scales[0]), lowest, -lowest - 1);
      EXPECT_GT(error(other), error(best) * 0.999) << bits;
    }
  }
}

TEST(Weights, OfDeadChannelsHaveASaneScale) {
  const Tensor one_dead = Tensor::of_floats({2, 2}, {0, 0, 1.27f, 0.01f});
  const QuantizedWeights quantized = quantize_weights(one_dead, 0, {0.5f, 0.5f}, 0.1f);
  EXPECT_EQ(quantized.scales[0], quantized.scales[1]);
  EXPECT_EQ(quantized.codes[0], 0);
  const QuantizedWeights nothing = quantize_weights(Tensor::of_floats({2, 2}, {0, 0, 0, 0}), 0, {}, 0.1f);
  EXPECT_GT(nothing.scales[0], 0);
  EXPECT_EQ(nothing.scales[0], nothing.scales[1]);
}

TEST(Weights, LeaveRoomForTheirBias) {
  const Tensor tiny = Tensor::of_floats({1, 1}, {1e-9f});
  const std::vector<float> bias{1000.0f};
  const QuantizedWeights quantized = quantize_weights(tiny, 0, bias, 0.01f);
  const std::int64_t code = quantize_bias(bias, 0.01f, quantized.scales, "")[0];
  EXPECT_LE(code, 1 << 30);
  EXPECT_NEAR(static_cast<double>(code) * 0.01 * static_cast<double>(quantized.scales[0]), 1000.0, 1e-3);
}

TEST(Biases, FillInt32AndNoMore) {
  const float step = 0x1p-10f;
  // The last floats inside and the first ones outside.
  EXPECT_THAT(quantize_bias({0x1.fffffep20f, -0x1p21f}, step, {1, 1}, ""), ElementsAre(2147483520, -2147483648));
  for (const float bias : {0x1p21f, -0x1.000002p21f, 1e30f, -INFINITY, NAN}) {
    EXPECT_THROW(quantize_bias({0, bias}, step, {1, 1}, ""), Error) << bias;
  }
}

TEST(Biases, AreRefusedWhereTheirStepIsNoNumber) {
  EXPECT_THROW(quantize_bias({1}, 1e-30f, {1e-30f}, ""), Error) << "a step of 0";
  EXPECT_THROW(quantize_bias({1}, 1e30f, {1e30f}, ""), Error) << "an infinite one";
}

}  // namespace
}  // namespace northpole::quantize
