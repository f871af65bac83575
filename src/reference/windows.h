// Where the windows of a convolution or pool lie, and the matrix of patches that a convolution multiplies.
#pragma once

#include <cstdint>

#include "network/graph.h"

namespace northpole::reference {

// The windows over an N x C x H x W tensor.
struct Windows {
  std::int64_t batch = 1, channels = 0, height = 0, width = 0;  // of the input
  std::int64_t output_height = 0, output_width = 0;
  std::int64_t kernel_height = 1, kernel_width = 1;
  std::int64_t stride_height = 1, stride_width = 1;
  std::int64_t dilation_height = 1, dilation_width = 1;
  std::int64_t pad_top = 0, pad_left = 0;

  // Elements of one window, of one channel of input and of output.
  std::int64_t window() const { return kernel_height * kernel_width; }
  std::int64_t plane() const { return height * width; }
  std::int64_t output_plane() const { return output_height * output_width; }

  // Calls visit(y, x) for every element of the window of an output pixel that lies inside the picture.
  template <typename Visit>
  void for_each_inside(std::int64_t output_y, std::int64_t output_x, Visit visit) const {
    for (std::int64_t ky = 0; ky < kernel_height; ++ky) {
      const std::int64_t y = output_y * stride_height - pad_top + ky * dilation_height;
      if (y < 0 || y >= height) continue;
      for (std::int64_t kx = 0; kx < kernel_width; ++kx) {
        const std::int64_t x = output_x * stride_width - pad_left + kx * dilation_width;
        if (x >= 0 && x < width) visit(y, x);
      }
    }
  }
};

// Of a Conv, MaxPool, AveragePool, GlobalAveragePool, or a ReduceMean over H and W, in normal form.
Windows windows_of(const network::Graph& graph, const network::Node& node);

// The patches of some channels of one picture: a matrix of (channels * window) x output pixels, in the panels of
// matrix_product.h. Padding is zero. `input` is the first of the channels.
void gather_patches(const Windows& windows, const float* input, std::int64_t channels, float* panels);

// A row-major columns x depth matrix (one row a column of the result) in panels: what Gemm and MatMul multiply.
void gather_rows(const float* rows, std::int64_t columns, std::int64_t depth, float* panels);

}  // namespace northpole::reference
