// Compiled with contraction allowed (see CMakeLists.txt): for the exact product a fused multiply-add changes nothing,
// and the float product is only used for calibration and accuracy, where docs/numerics.md prescribes no order of
// roundings.
#include "reference/matrix_product.h"

#include <algorithm>
#include <type_traits>

namespace northpole::reference {
namespace {

constexpr std::int64_t tile_rows = 12;
constexpr std::int64_t depth_block = 256;  // see "exact" in the header

using Tile = float[tile_rows][panel_columns];

// tile = weights (depth x tile_rows) ^T * panel (depth x panel_columns). Vectors of `bytes` bytes; the tile is cut into
// parts of Rows x Vectors accumulators that fit into the registers.
template <int bytes, int Rows, int Vectors>
[[gnu::always_inline]] inline void product_of_tile(const float* weights, const float* panel, std::int64_t depth,
                                                   Tile& tile) {
  typedef float Vector __attribute__((vector_size(bytes), aligned(4), may_alias));
  constexpr int lanes = bytes / static_cast<int>(sizeof(float));
  static_assert(tile_rows % Rows == 0 && panel_columns % (lanes * Vectors) == 0);
  for (int row = 0; row < tile_rows; row += Rows) {
    for (int column = 0; column < panel_columns; column += lanes * Vectors) {
      Vector sums[Rows][Vectors] = {};
      for (std::int64_t k = 0; k < depth; ++k) {
        Vector activations[Vectors];
#pragma GCC unroll 16
        for (int v = 0; v < Vectors; ++v) {
          activations[v] = *reinterpret_cast<const Vector*>(panel + k * panel_columns + column + v * lanes);
        }
#pragma GCC unroll 16
        for (int r = 0; r < Rows; ++r) {
          const float weight = weights[k * tile_rows + row + r];
#pragma GCC unroll 16
          for (int v = 0; v < Vectors; ++v) sums[r][v] += weight * activations[v];
        }
      }
#pragma GCC unroll 16
      for (int r = 0; r < Rows; ++r) {
#pragma GCC unroll 16
        for (int v = 0; v < Vectors; ++v) *reinterpret_cast<Vector*>(&tile[row + r][column + v * lanes]) = sums[r][v];
      }
    }
  }
}

using TileProduct = void (*)(const float*, const float*, std::int64_t, Tile&);

void product_of_tile_any(const float* weights, const float* panel, std::int64_t depth, Tile& tile) {
  product_of_tile<16, 3, 4>(weights, panel, depth, tile);
}

#if defined(__x86_64__)
[[gnu::target("avx2,fma")]] void product_of_tile_avx2(const float* weights, const float* panel, std::int64_t depth,
                                                      Tile& tile) {
  product_of_tile<32, 6, 2>(weights, panel, depth, tile);
}
[[gnu::target("avx512f")]] void product_of_tile_avx512(const float* weights, const float* panel, std::int64_t depth,
                                                       Tile& tile) {
  product_of_tile<64, 12, 2>(weights, panel, depth, tile);
}
#endif

TileProduct tile_product_of_host() {
#if defined(__x86_64__)
  if (__builtin_cpu_supports("avx512f")) return product_of_tile_avx512;
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) return product_of_tile_avx2;
#endif
  return product_of_tile_any;
}

std::int64_t divided_up(std::int64_t value, std::int64_t by) { return (value + by - 1) / by; }

}  // namespace

std::int64_t panel_size(std::int64_t depth, std::int64_t columns) {
  return divided_up(columns, panel_columns) * depth * panel_columns;
}

WeightMatrix::WeightMatrix(const float* weights, std::int64_t rows, std::int64_t depth)
    : rows_(rows), depth_(depth), packed_(static_cast<std::size_t>(divided_up(rows, tile_rows) * tile_rows * depth)) {
  // Tiles of 12 rows one after another; within a tile the 12 weights of one k are neighbours.
  for (std::int64_t row = 0; row < rows; ++row) {
    float* tile = packed_.data() + row / tile_rows * tile_rows * depth + row % tile_rows;
    for (std::int64_t k = 0; k < depth; ++k) tile[k * tile_rows] = weights[row * depth + k];
  }
}

template <typename Element>
void WeightMatrix::multiply_as(const float* panels, std::int64_t columns, const Element* bias, Element* result) const {
  static const TileProduct tile_product = tile_product_of_host();
  for (std::int64_t row = 0; row < rows_; ++row) {
    std::fill_n(result + row * columns, columns, bias ? bias[row] : Element{0});
  }
  alignas(64) Tile tile;
  for (std::int64_t k = 0; k < depth_; k += depth_block) {
    const std::int64_t depth = std::min(depth_block, depth_ - k);
    for (std::int64_t column = 0; column < columns; column += panel_columns) {
      const float* panel = panels + column * depth_ + k * panel_columns;
      const std::int64_t width = std::min(panel_columns, columns - column);
      for (std::int64_t row = 0; row < rows_; row += tile_rows) {
        tile_product(packed_.data() + row * depth_ + k * tile_rows, panel, depth, tile);
        const std::int64_t height = std::min(tile_rows, rows_ - row);
        for (std::int64_t r = 0; r < height; ++r) {
          Element* out = result + (row + r) * columns + column;
          for (std::int64_t c = 0; c < width; ++c) out[c] += static_cast<Element>(tile[r][c]);
        }
      }
    }
  }
}

void WeightMatrix::multiply(const float* panels, std::int64_t columns, const float* bias, float* result) const {
  multiply_as(panels, columns, bias, result);
}

void WeightMatrix::multiply_exact(const float* panels, std::int64_t columns, const std::int32_t* bias,
                                  std::int32_t* result) const {
  multiply_as(panels, columns, bias, result);
}

}  // namespace northpole::reference
