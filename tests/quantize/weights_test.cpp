#include "quantize/weights.h"

#include <gmock/gmock.h>

#include <cmath>

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
  const std::int64_t code = quantize_bias(bias, 0.01f, quantized.scales)[0];
  EXPECT_LE(code, 1 << 30);
  EXPECT_NEAR(static_cast<double>(code) * 0.01 * static_cast<double>(quantized.scales[0]), 1000.0, 1e-3);
}

}  // namespace
}  // namespace northpole::quantize
