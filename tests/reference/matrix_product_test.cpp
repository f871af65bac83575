#include "reference/matrix_product.h"

#include <gtest/gtest.h>

#include <random>

namespace northpole::reference {
namespace {

struct Size {
  std::int64_t rows, depth, columns;
};

class MatrixProduct : public testing::TestWithParam<Size> {};

TEST_P(MatrixProduct, IsTheSumOfProducts) {
  const auto [rows, depth, columns] = GetParam();
  std::mt19937 random(7);
  auto code = [&] { return static_cast<int>(random() % 511) - 255; };
  std::vector<float> weights(static_cast<std::size_t>(rows * depth)),
      activations(static_cast<std::size_t>(depth * columns));
  for (float& w : weights) w = static_cast<float>(code());
  for (float& x : activations) x = static_cast<float>(code());
  std::vector<std::int32_t> bias(static_cast<std::size_t>(rows));
  for (std::int32_t& b : bias) b = code() * 1000003;
  std::vector<float> panels(static_cast<std::size_t>(panel_size(depth, columns)));
  for (std::int64_t k = 0; k < depth; ++k) {
    for (std::int64_t n = 0; n < columns; ++n) {
      panels[static_cast<std::size_t>(n / panel_columns * depth * panel_columns + k * panel_columns +
                                      n % panel_columns)] = activations[static_cast<std::size_t>(k * columns + n)];
    }
  }
  std::vector<std::int32_t> exact(static_cast<std::size_t>(rows * columns));
  std::vector<float> real(exact.size());
  const WeightMatrix matrix(weights.data(), rows, depth);
  matrix.multiply_exact(panels.data(), columns, bias.data(), exact.data());
  matrix.multiply(panels.data(), columns, nullptr, real.data());
  for (std::int64_t row = 0; row < rows; ++row) {
    for (std::int64_t n = 0; n < columns; ++n) {
      std::int64_t sum = 0;
      for (std::int64_t k = 0; k < depth; ++k) {
        sum += static_cast<std::int64_t>(weights[static_cast<std::size_t>(row * depth + k)]) *
               static_cast<std::int64_t>(activations[static_cast<std::size_t>(k * columns + n)]);
      }
      const auto at = static_cast<std::size_t>(row * columns + n);
      ASSERT_EQ(exact[at], sum + bias[static_cast<std::size_t>(row)]) << row << ", " << n;
      ASSERT_NEAR(real[at], static_cast<double>(sum), 1e-6 * static_cast<double>(depth) * 65025) << row << ", " << n;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Sizes, MatrixProduct,
                         testing::Values(Size{1, 1, 1}, Size{12, 256, 32}, Size{13, 257, 33}, Size{5, 700, 49},
                                         Size{40, 9, 100}));

TEST(MatrixProduct, IsExactAtTheLargestMagnitudes) {
  const std::int64_t depth = 1000;
  const std::vector<float> weights(static_cast<std::size_t>(depth), 255.0f);
  const std::vector<float> panels(static_cast<std::size_t>(panel_size(depth, 1)), -255.0f);
  std::int32_t sum = 0;
  WeightMatrix(weights.data(), 1, depth).multiply_exact(panels.data(), 1, nullptr, &sum);
  EXPECT_EQ(sum, -65025000);
}

}  // namespace
}  // namespace northpole::reference
