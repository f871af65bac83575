// Conv, Gemm and MatMul of docs/numerics.md: exact integer sums, one multiplication by a float, an
// offset where the bias is none of the sum's, one rounding.
#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <limits>
#include <memory>

#include "network/error.h"
#include "reference/matrix_product.h"
#include "reference/quantized_constants.h"
#include "reference/quantized_operators.h"
#include "reference/windows.h"

namespace northpole::reference {
namespace {

// The constants of a product: one row of weights for each output channel.
struct Constants {
  std::int64_t rows = 0, depth = 0;
  std::vector<float> weights;      // w - zw, rows x depth
  std::vector<std::int32_t> bias;  // of scale f32(sx sw)
  std::vector<float> multipliers;  // M[c]
  std::vector<float> offsets;      // O[c]
};

// What every output channel's sum begins with, and what is added after scaling. A bias that is quantized at just the
// scales of the products counts by its codes, in the sum; any other by its real value, behind it, a single element for
// all channels.
void set_bias(const Site& site, const std::vector<float>& scales, Constants& constants) {
  const network::Node& node = site.node;
  constants.bias.assign(scales.size(), 0);
  constants.offsets.assign(scales.size(), 0);
  if (node.inputs.size() < 3 || node.inputs[2].empty()) return;
  const auto codes = quantized_constant(site.graph, node.inputs[2]);
  const auto real = real_constant(site.graph, node.inputs[2]);
  const auto size = static_cast<std::int64_t>(scales.size());
  if (!real || (real->size() != size && real->size() != 1)) {
    throw Error(network::place(site.graph, node) + "the bias must be a constant, one for each output channel");
  }
  bool in_place = codes && real->size() == size;
  for (std::size_t row = 0; in_place && row < scales.size(); ++row) {
    const std::size_t channel = codes->by_channel() ? row : 0;
    in_place = codes->scales[channel] == scales[row];
  }
  for (std::int64_t row = 0; row < size; ++row) {
    const auto channel = static_cast<std::size_t>(row);
    if (!in_place) {
      const float offset = real->data<float>()[real->size() == 1 ? 0 : row] / site.target.quantization.scale;
      if (!std::isfinite(offset))
        throw Error(network::place(site.graph, node) + "the bias of output channel " + std::to_string(row) +
                    " overflows at the scale of the output: choose a larger one");
      constants.offsets[channel] = offset;
      continue;
    }
    const std::int64_t code = codes->codes.integer(row) - codes->zero_points[codes->by_channel() ? channel : 0];
    if (std::abs(code) > std::numeric_limits<std::int32_t>::max())
      throw Error(network::place(site.graph, node) + "the bias of output channel " + std::to_string(row) +
                  " does not fit into 32 bits");
    constants.bias[channel] = static_cast<std::int32_t>(code);
  }
}

// Refuses sums that could leave int32: every partial sum lies between these two.
void prove_that_int32_holds(const Site& site, const Constants& constants, std::int64_t row) {
  const Quantization& input = site.activation(0);
  const std::int64_t low = network::lowest_code(input.type) - input.zero_point;
  const std::int64_t high = network::highest_code(input.type) - input.zero_point;
  std::int64_t bias = constants.bias[static_cast<std::size_t>(row)], smallest = std::min<std::int64_t>(bias, 0);
  std::int64_t largest = std::max<std::int64_t>(bias, 0);
  for (std::int64_t k = 0; k < constants.depth; ++k) {
    const auto weight =
        static_cast<std::int64_t>(constants.weights[static_cast<std::size_t>(row * constants.depth + k)]);
    smallest += std::min(weight * low, weight * high);
    largest += std::max(weight * low, weight * high);
  }
  if (smallest >= std::numeric_limits<std::int32_t>::min() && largest <= std::numeric_limits<std::int32_t>::max())
    return;
  throw Error(network::place(site.graph, site.node) + "output channel " + std::to_string(row) +
              " could exceed a 32-bit accumulator");
}

// Output channels stand along `output_axis` of the weights.
Constants constants_of(const Site& site, std::int64_t output_axis) {
  const network::Node& node = site.node;
  const auto weights = quantized_constant(site.graph, node.inputs[1]);
  if (!weights || element_size(weights->codes.type) != 1) {
    throw Error(network::place(site.graph, node) +
                "the weights must be a constant of at most 8 bit behind a DequantizeLinear");
  }
  const network::Shape& shape = weights->codes.shape;
  Constants constants;
  constants.rows = shape[static_cast<std::size_t>(output_axis)];
  constants.depth = network::element_count(shape) / std::max<std::int64_t>(constants.rows, 1);
  if (weights->by_channel() && weights->axis != output_axis) {
    throw Error(network::place(site.graph, node) + "the weights' scales must stand along the output channels (axis " +
                std::to_string(output_axis) + ")");
  }
  const float sx = site.activation(0).scale, sy = site.target.quantization.scale;
  std::vector<float> scales;  // of the products
  for (std::int64_t row = 0; row < constants.rows; ++row) {
    const std::size_t channel = weights->by_channel() ? static_cast<std::size_t>(row) : 0;
    for (std::int64_t k = 0; k < constants.depth; ++k) {
      const std::int64_t code =
          weights->codes.integer(output_axis == 0 ? row * constants.depth + k : k * constants.rows + row);
      constants.weights.push_back(static_cast<float>(code - weights->zero_points[channel]));
    }
    scales.push_back(sx * weights->scales[channel]);
    constants.multipliers.push_back(scales.back() / sy);
  }
  set_bias(site, scales, constants);
  for (std::int64_t row = 0; row < constants.rows; ++row) prove_that_int32_holds(site, constants, row);
  return constants;
}

// x' of every element.
std::vector<float> centred(const QuantizedTensor& tensor) {
  std::vector<float> values(tensor.codes.size());
  const std::int32_t zero_point = tensor.quantization.zero_point;
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = static_cast<float>(tensor.codes[i] - zero_point);
  return values;
}

QuantizedOperator make_convolution(const Site& site) {
  const Windows windows = windows_of(site.graph, site.node);
  const std::int64_t groups = site.node.integer("group", 1), channels = windows.channels / groups;
  auto constants = std::make_shared<Constants>(constants_of(site, 0));
  const std::int64_t rows = constants->rows / groups, depth = constants->depth, plane = windows.output_plane();
  auto matrices = std::make_shared<std::vector<WeightMatrix>>();
  for (std::int64_t group = 0; group < groups; ++group) {
    matrices->emplace_back(constants->weights.data() + group * rows * depth, rows, depth);
  }
  return [=, target = site.target](const std::vector<const QuantizedTensor*>& inputs, std::int16_t* codes) {
    const std::vector<float> input = centred(*inputs[0]);
    std::vector<float> panels(static_cast<std::size_t>(panel_size(depth, plane)));
    std::vector<std::int32_t> sums(static_cast<std::size_t>(rows * plane));
    for (std::int64_t part = 0; part < windows.batch * groups; ++part) {
      const std::int64_t group = part % groups;
      gather_patches(windows, input.data() + part * channels * windows.plane(), channels, panels.data());
      (*matrices)[static_cast<std::size_t>(group)].multiply_exact(panels.data(), plane,
                                                                  constants->bias.data() + group * rows, sums.data());
      for (std::int64_t row = 0; row < rows; ++row) {
        const float multiplier = constants->multipliers[static_cast<std::size_t>(group * rows + row)];
        const float offset = constants->offsets[static_cast<std::size_t>(group * rows + row)];
        const std::int32_t* from = sums.data() + row * plane;
        std::int16_t* to = codes + (part * rows + row) * plane;
        for (std::int64_t i = 0; i < plane; ++i) to[i] = target.code(static_cast<float>(from[i]) * multiplier + offset);
      }
    }
  };
}

QuantizedOperator make_matrix_product(const Site& site) {
  const bool transposed = site.node.op == "Gemm" && site.node.integer("transB", 0) != 0;
  auto constants = std::make_shared<Constants>(constants_of(site, transposed ? 0 : 1));
  auto matrix = std::make_shared<WeightMatrix>(constants->weights.data(), constants->rows, constants->depth);
  return [=, target = site.target](const std::vector<const QuantizedTensor*>& inputs, std::int16_t* codes) {
    const std::vector<float> input = centred(*inputs[0]);
    const std::int64_t rows = constants->rows, depth = constants->depth;
    const std::int64_t columns = static_cast<std::int64_t>(input.size()) / depth;
    std::vector<float> panels(static_cast<std::size_t>(panel_size(depth, columns)));
    gather_rows(input.data(), columns, depth, panels.data());
    std::vector<std::int32_t> sums(static_cast<std::size_t>(rows * columns));
    matrix->multiply_exact(panels.data(), columns, constants->bias.data(), sums.data());
    for (std::int64_t row = 0; row < rows; ++row) {
      for (std::int64_t column = 0; column < columns; ++column) {
        const float sum = static_cast<float>(sums[static_cast<std::size_t>(row * columns + column)]);
        codes[column * rows + row] = target.code(sum * constants->multipliers[static_cast<std::size_t>(row)] +
                                                 constants->offsets[static_cast<std::size_t>(row)]);
      }
    }
  };
}

}  // namespace

QuantizedOperator make_quantized_product(const Site& site) {
  if (site.node.op == "Conv") return make_convolution(site);
  if (site.node.op == "Gemm" || site.node.op == "MatMul") return make_matrix_product(site);
  return {};
}

}  // namespace northpole::reference
