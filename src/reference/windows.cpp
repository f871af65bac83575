#include "reference/windows.h"

#include <algorithm>
#include <vector>

#include "network/error.h"
#include "reference/matrix_product.h"

namespace northpole::reference {

Windows windows_of(const network::Graph& graph, const network::Node& node) {
  const network::Shape& input = graph.values.at(node.inputs[0]).shape;
  if (input.size() != 4) throw Error(network::place(graph, node) + "the input must have four dimensions (N, C, H, W)");
  Windows windows;
  windows.batch = input[0];
  windows.channels = input[1];
  windows.height = input[2];
  windows.width = input[3];
  if (node.op == "GlobalAveragePool" || node.op == "ReduceMean") {
    if (node.op == "ReduceMean" && node.integers("axes", {}) != std::vector<std::int64_t>{2, 3}) {
      throw Error(network::place(graph, node) + "only the mean over height and width (axes 2 and 3) is supported");
    }
    windows.kernel_height = windows.height;
    windows.kernel_width = windows.width;
    windows.output_height = windows.output_width = 1;
    return windows;
  }
  const auto kernel = node.integers("kernel_shape", {});
  const auto strides = node.integers("strides", {1, 1});
  const auto dilations = node.integers("dilations", {1, 1});
  const auto pads = node.integers("pads", {0, 0, 0, 0});
  const network::Shape& output = graph.values.at(node.outputs[0]).shape;
  if (kernel.size() != 2 || strides.size() != 2 || dilations.size() != 2 || pads.size() != 4 || output.size() != 4) {
    throw Error(network::place(graph, node) + "the window must have two dimensions");
  }
  windows.output_height = output[2];
  windows.output_width = output[3];
  windows.kernel_height = kernel[0];
  windows.kernel_width = kernel[1];
  windows.stride_height = strides[0];
  windows.stride_width = strides[1];
  windows.dilation_height = dilations[0];
  windows.dilation_width = dilations[1];
  windows.pad_top = pads[0];
  windows.pad_left = pads[1];
  return windows;
}

namespace {

// Row k of the matrix, whole, into the panels.
void store_row(const std::vector<float>& row, std::int64_t k, std::int64_t depth, float* panels) {
  const std::int64_t columns = static_cast<std::int64_t>(row.size());
  for (std::int64_t column = 0; column < columns; column += panel_columns) {
    std::copy_n(row.data() + column, panel_columns, panels + column * depth + k * panel_columns);
  }
}

std::int64_t padded_to_panels(std::int64_t columns) { return panel_size(1, columns); }

}  // namespace

void gather_patches(const Windows& windows, const float* input, std::int64_t channels, float* panels) {
  const std::int64_t depth = channels * windows.window();
  std::vector<float> row(static_cast<std::size_t>(padded_to_panels(windows.output_plane())));
  std::int64_t k = 0;
  for (std::int64_t channel = 0; channel < channels; ++channel) {
    const float* plane = input + channel * windows.plane();
    for (std::int64_t ky = 0; ky < windows.kernel_height; ++ky) {
      for (std::int64_t kx = 0; kx < windows.kernel_width; ++kx, ++k) {
        for (std::int64_t output_y = 0; output_y < windows.output_height; ++output_y) {
          float* out = row.data() + output_y * windows.output_width;
          const std::int64_t y = output_y * windows.stride_height - windows.pad_top + ky * windows.dilation_height;
          if (y < 0 || y >= windows.height) {
            std::fill_n(out, windows.output_width, 0.0f);
            continue;
          }
          const float* line = plane + y * windows.width;
          const std::int64_t first = kx * windows.dilation_width - windows.pad_left;
          const std::int64_t last = first + (windows.output_width - 1) * windows.stride_width;
          if (windows.stride_width == 1 && first >= 0 && last < windows.width) {
            std::copy_n(line + first, windows.output_width, out);
            continue;
          }
          for (std::int64_t output_x = 0; output_x < windows.output_width; ++output_x) {
            const std::int64_t x = first + output_x * windows.stride_width;
            out[output_x] = x >= 0 && x < windows.width ? line[x] : 0.0f;
          }
        }
        store_row(row, k, depth, panels);
      }
    }
  }
}

void gather_rows(const float* rows, std::int64_t columns, std::int64_t depth, float* panels) {
  std::fill_n(panels, panel_size(depth, columns), 0.0f);
  for (std::int64_t column = 0; column < columns; ++column) {
    float* out = panels + column / panel_columns * panel_columns * depth + column % panel_columns;
    for (std::int64_t k = 0; k < depth; ++k) out[k * panel_columns] = rows[column * depth + k];
  }
}

}  // namespace northpole::reference
