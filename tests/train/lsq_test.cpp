// Learned step size quantization against the paper's formulas, written down once more in double precision.
#include "train/lsq.h"

#include <gtest/gtest.h>
#include <torch/csrc/autograd/autograd.h>
#include <torch/torch.h>

#include <cmath>
#include <random>

namespace northpole::train {
namespace {

struct Expected {
  double value, of_v, of_step;
};

// Equations 1 to 3 of the paper; halves to even as everywhere in this project.
Expected published(double v, double step, CodeRange range) {
  const double ratio = v / step;
  if (ratio <= range.lowest) return {range.lowest * step, 0, static_cast<double>(range.lowest)};
  if (ratio >= range.highest) return {range.highest * step, 0, static_cast<double>(range.highest)};
  return {std::nearbyint(ratio) * step, 1, std::nearbyint(ratio) - ratio};
}

void expect_published(const std::vector<float>& values, float step, CodeRange range) {
  torch::Tensor v = torch::tensor(values).requires_grad_(true);
  torch::Tensor s = torch::full({}, step).requires_grad_(true);
  std::mt19937 random(7);
  std::vector<float> weights(values.size());
  for (float& weight : weights) weight = static_cast<float>(random() % 1000) / 500 - 1;
  constexpr double scale = 0.125;
  const torch::Tensor result = quantized(v, s, range, scale);
  (result * torch::tensor(weights)).sum().backward();
  double of_step = 0;
  for (std::size_t i = 0; i < values.size(); ++i) {
    const Expected expected = published(static_cast<double>(values[i]), static_cast<double>(step), range);
    EXPECT_NEAR(result[static_cast<std::int64_t>(i)].item<float>(), expected.value, 1e-6) << values[i];
    EXPECT_NEAR(v.grad()[static_cast<std::int64_t>(i)].item<float>(), expected.of_v * weights[i], 1e-6) << values[i];
    of_step += expected.of_step * static_cast<double>(weights[i]);
  }
  EXPECT_NEAR(s.grad().item<float>(), of_step * scale, 1e-3 * std::max(1.0, std::fabs(of_step * scale)));
}

TEST(Lsq, ByHand) {
  // Step 0.5, codes -2 to 1: below, inside and above; 0.25 is half a step and goes to the even code.
  expect_published({-3, -1.0F, -0.9F, -0.2F, 0, 0.2F, 0.25F, 0.3F, 0.5F, 4}, 0.5F, {-2, 1});
  torch::Tensor v = torch::tensor({-3.0F, 0.3F, 4.0F}), s = torch::full({}, 0.5F).requires_grad_(true);
  const torch::Tensor result = quantized(v, s, {-2, 1}, 1);
  EXPECT_EQ(result[0].item<float>(), -1.0F);
  EXPECT_EQ(result[1].item<float>(), 0.5F);
  EXPECT_EQ(result[2].item<float>(), 0.5F);
  result.sum().backward();
  EXPECT_NEAR(s.grad().item<float>(), -2 + (1 - 0.6F) + 1, 1e-6);
}

TEST(Lsq, ManyValues) {
  std::mt19937 random(3);
  std::normal_distribution<float> normal(0.1F, 1);
  for (const CodeRange range :
       {CodeRange{-2, 1}, CodeRange{0, 3}, CodeRange{-8, 7}, CodeRange{0, 15}, CodeRange{-128, 127}}) {
    std::vector<float> values(997);
    for (float& value : values) value = normal(random);
    expect_published(values, 0.37F, range);
  }
}

TEST(Lsq, GradientOfTheStepDoesNotDependOnThreads) {
  torch::manual_seed(1);
  const torch::Tensor v = torch::randn({300001});
  const auto gradient = [&](int threads) {
    torch::set_num_threads(threads);
    torch::Tensor s = torch::full({}, 0.1F).requires_grad_(true);
    (quantized(v, s, {-8, 7}, 1) * v).sum().backward();
    return s.grad().item<float>();
  };
  const float alone = gradient(1);
  EXPECT_EQ(alone, gradient(2));
  torch::set_num_threads(1);
}

TEST(Lsq, ScaleAndInitialStep) {
  EXPECT_DOUBLE_EQ(step_gradient_scale(9, 4), 1.0 / 6);
  EXPECT_DOUBLE_EQ(initial_step(3, 4), 3);
}

TEST(Lsq, OtherMemoryFormats) {
  const torch::Tensor plain = torch::randn({2, 3, 4, 5});
  const torch::Tensor last = plain.contiguous(torch::MemoryFormat::ChannelsLast);
  torch::Tensor a = plain.clone().requires_grad_(true), b = last.clone().requires_grad_(true);
  const torch::Tensor s = torch::full({}, 0.3F), weights = torch::randn({2, 3, 4, 5});
  const torch::Tensor of_a = quantized(a, s, {-2, 1}, 1), of_b = quantized(b, s, {-2, 1}, 1);
  EXPECT_TRUE(torch::equal(of_a, of_b));
  (of_a * weights).sum().backward();
  (of_b * weights).sum().backward();
  EXPECT_TRUE(torch::equal(a.grad(), b.grad()));
}

}  // namespace
}  // namespace northpole::train
