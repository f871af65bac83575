// Products of a constant matrix (weights) with matrices of activations, the one hot loop of both interpreters.
//
// float: sums in float32, in an order that depends only on the shapes; fused multiply-adds where the host has them.
// exact: operands are integers held in floats, |value| <= 255. Products are summed over at most 256 terms, so every
// partial sum is an integer below 2^24 = 16,777,216 > 256 * 255 * 255 and the float arithmetic is exact in whatever
// order; these sums are added in int32. The caller proves that int32 suffices.
#pragma once

#include <cstdint>
#include <vector>

namespace northpole::reference {

// Columns of activations are handed over in panels of this many: element (k, n) of a K x N matrix stands at
// panels[(n / panel_columns) * K * panel_columns + k * panel_columns + n % panel_columns]; the last panel is padded
// with zeros.
inline constexpr std::int64_t panel_columns = 32;

// Floats that a K x N matrix takes in panels.
std::int64_t panel_size(std::int64_t depth, std::int64_t columns);

// A constant M x K matrix in the order in which the product reads it.
class WeightMatrix {
 public:
  WeightMatrix() = default;
  // weights: row-major M x K.
  WeightMatrix(const float* weights, std::int64_t rows, std::int64_t depth);

  std::int64_t rows() const { return rows_; }
  std::int64_t depth() const { return depth_; }

  // result (row-major M x N) = weights * panels + bias[row]; bias may be null.
  void multiply(const float* panels, std::int64_t columns, const float* bias, float* result) const;
  // The same in exact integers.
  void multiply_exact(const float* panels, std::int64_t columns, const std::int32_t* bias, std::int32_t* result) const;

 private:
  template <typename Element>
  void multiply_as(const float* panels, std::int64_t columns, const Element* bias, Element* result) const;

  std::int64_t rows_ = 0;
  std::int64_t depth_ = 0;
  std::vector<float> packed_;
};

}  // namespace northpole::reference
