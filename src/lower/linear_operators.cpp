// Conv, Gemm, MatMul and the averages as linear layers.
#include <algorithm>
#include <cmath>
#include <unordered_map>

#include "lower/linear_layer.h"
#include "lower/lowering.h"
#include "network/error.h"

namespace northpole::lower {

using network::Node;

namespace {

void set_window(LinearSpecification& from, const std::vector<std::int64_t>& kernel,
                const std::vector<std::int64_t>& strides, const std::vector<std::int64_t>& dilations) {
  from.window_height = static_cast<std::int32_t>(kernel[0]);
  from.window_width = static_cast<std::int32_t>(kernel[1]);
  from.stride_y = static_cast<std::int32_t>(strides[0]);
  from.stride_x = static_cast<std::int32_t>(strides[1]);
  from.dilation_y = static_cast<std::int32_t>(dilations[0]);
  from.dilation_x = static_cast<std::int32_t>(dilations[1]);
}

}  // namespace

void Lowering::set_bias(LinearSpecification& from, const Node& node, const QuantizedConstant& weights,
                        float input_scale) const {
  const auto outputs = static_cast<std::size_t>(from.output_channels);
  from.bias.assign(outputs, 0);
  if (node.inputs.size() <= 2 || node.inputs[2].empty()) return;
  const auto constant = float_constant(graph_, node.inputs[2]);
  if (!constant) refuse(node, "its bias must be a constant");
  const std::size_t size = constant->values.size();
  if (size != outputs && size != 1)
    refuse(node,
           "its bias has " + std::to_string(size) + " elements for " + std::to_string(outputs) + " output channels");
  // Codes in units of the accumulator are part of the sum; any other bias is added after scaling.
  if (const auto quantized = quantized_constant(graph_, node.inputs[2]); quantized && size == outputs) {
    bool in_units = true;
    for (std::size_t i = 0; i < outputs; ++i) {
      const auto channel = static_cast<std::int64_t>(i);
      in_units &= quantized->scale_at(quantized->scale.size() == 1 ? 0 : channel) ==
                  input_scale * weights.scale_at(weights.scale.size() == 1 ? 0 : channel);
    }
    if (in_units) {
      from.bias.assign(quantized->values.begin(), quantized->values.end());
      return;
    }
  }
  for (std::size_t i = 0; i < outputs; ++i) {
    from.offset.push_back(constant->values[size == 1 ? 0 : i] / from.output.scale);
    if (!std::isfinite(from.offset.back())) refuse(node, "its bias overflows in units of the output's scale");
  }
  constexpr std::uint32_t registers = 14;  // the function, and bias, scale and offset of 32 lanes
  if (chip_.constant_words < registers)
    refuse(node, "its bias is not in units of its sums, which takes " + std::to_string(registers) +
                     " constant registers (constant_words); the chip has " + std::to_string(chip_.constant_words));
}

ElementView Lowering::input_for(const Node& node, const QuantizedConstant& weights) {
  const ElementView& view = view_of(node, 0);
  const std::int32_t bits = view.quantization.bits;
  if (weights.bits <= bits || weights.values.empty()) return view;
  const auto [least, most] = std::minmax_element(weights.values.begin(), weights.values.end());
  if (passes_of(*least, bits) == 1 && passes_of(*most, bits) == 1) return view;
  return widened(node, view, weights.bits);
}

std::int32_t Lowering::bits_of_ones(const Quantization& activations) const {
  return options_.narrow_weights ? 2 : activations.bits;
}

Layer Lowering::convolution(const Node& node, const Quantization& output, CodeRange range) {
  const auto weights = quantized_constant(graph_, node.inputs[1]);
  if (!weights)
    refuse(node,
           "its weights must be a DequantizeLinear of a constant; quantize the network first (northpole quantize)");
  if (weights->shape.size() != 4) refuse(node, "only convolutions over height and width are supported");
  const ElementView input = input_for(node, *weights);
  const auto kernel = node.integers("kernel_shape", {}), strides = node.integers("strides", {}),
             pads = node.integers("pads", {}), dilations = node.integers("dilations", {});
  const std::int64_t groups = node.integer("group", 1);
  LinearSpecification from;
  from.name = node.name;
  from.place = network::place(graph_, node);
  from.input = factorized(node, input, pads, input.quantization.zero_point);
  set_window(from, kernel, strides, dilations);
  const std::int64_t outputs = weights->shape[0], group_inputs = weights->shape[1], taps_y = weights->shape[2],
                     taps_x = weights->shape[3];
  const std::int64_t group_outputs = outputs / groups;
  if (weights->scale.size() != 1 && weights->axis != 0)
    refuse(node, "its weights need a scale for each output channel (axis 0) or one for all");
  from.output_channels = static_cast<std::int32_t>(outputs);
  from.weight_bits = options_.narrow_weights ? 2 : weights->bits;
  for (std::size_t i = 0; i < weights->scale.size(); ++i)
    from.multiplier.push_back(static_cast<float>(input.quantization.scale * weights->scale[i]) / output.scale);
  from.output = output;
  from.lowest = range.lowest;
  from.highest = range.highest;
  set_bias(from, node, *weights, input.quantization.scale);
  const auto& position = from.input.position;
  from.products = [&](const auto& product) {
    std::size_t index = 0;
    for (std::int64_t o = 0; o < outputs; ++o)
      for (std::int64_t c = 0; c < group_inputs; ++c) {
        const std::int32_t place = position[static_cast<std::size_t>(o / group_outputs * group_inputs + c)];
        for (std::int64_t r = 0; r < taps_y; ++r)
          for (std::int64_t s = 0; s < taps_x; ++s, ++index)
            if (weights->values[index] != 0)
              product(Product{static_cast<std::int32_t>(o), static_cast<std::int32_t>(r), static_cast<std::int32_t>(s),
                              place, weights->values[index]});
      }
  };
  from.block_range = block_ranges(from.input, from.output_channels, [&](std::int32_t output) {
    const std::int64_t first = output / group_outputs * group_inputs;
    return std::pair{first, first + group_inputs};
  });
  Layer layer = linear_layer(from);
  const auto& shape = graph_.values.at(node.outputs[0]).shape;
  layer.multiply_accumulates =
      static_cast<std::uint64_t>(weights->values.size()) * static_cast<std::uint64_t>(shape[2] * shape[3]);
  return layer;
}

Layer Lowering::matrix_product(const Node& node, const Quantization& output, CodeRange range) {
  const auto weights = quantized_constant(graph_, node.inputs[1]);
  if (!weights)
    refuse(
        node,
        "its second input must be a DequantizeLinear of a constant; quantize the network first (northpole quantize)");
  const ElementView input = input_for(node, *weights);
  if (weights->shape.size() != 2 || input.shape.empty() || input.shape.back() != network::element_count(input.shape))
    refuse(node, "only the product of one vector (batch 1) with a constant matrix is supported");
  const bool transposed = node.integer("transB", 0) != 0;
  const std::int64_t outputs = weights->shape[transposed ? 0 : 1], inputs = weights->shape[transposed ? 1 : 0];
  if (weights->scale.size() != 1 && weights->axis != (transposed ? 0 : 1))
    refuse(node, "its weights need a scale for each output (column) or one for all");

  // The vector's elements come from stored tensors of one size; the window covers all of it.
  LinearSpecification from;
  from.name = node.name;
  from.place = network::place(graph_, node);
  View& view = from.input;
  view.quantization = input.quantization;
  view.padding = input.quantization.zero_point;
  view.maps.resize(1);
  const std::int32_t block_channels = view.block_channels();
  struct Place {
    std::int32_t row, column, position;
  };
  std::vector<Place> places;
  std::unordered_map<std::int64_t, int> uses;  // by origin
  bool padded = false;
  for (std::int64_t k = 0; k < inputs; ++k) {
    const std::int64_t origin = (*input.origin)[static_cast<std::size_t>(k)];
    if (origin < 0) {
      const auto code = static_cast<std::int32_t>(-1 - origin) + input.quantization.lowest();
      if (padded && code != view.padding)
        refuse(node, "its input is padded with several values, which is not supported");
      padded = true;
      view.padding = code;
      places.push_back({0, 0, -1});
      continue;
    }
    const auto tensor = static_cast<std::int32_t>(origin / ElementView::tensor_unit);
    const std::int64_t flat = origin % ElementView::tensor_unit;
    const StoredTensor& stored = result_.tensors[static_cast<std::size_t>(tensor)];
    if (view.height == 0) {
      view.height = stored.height;
      view.width = stored.width;
    }
    if (view.height != stored.height || view.width != stored.width)
      refuse(node, "it concatenates tensors of different height or width, which is not supported");
    const std::int64_t plane = static_cast<std::int64_t>(stored.height) * stored.width;
    const ViewBlock wanted{tensor, static_cast<std::int32_t>(flat / plane / block_channels), 0};
    // An element that is used again (the same tensor twice in a Concat) is read from a block of its own.
    const std::size_t again = static_cast<std::size_t>(uses[origin]++);
    std::size_t index = 0, equal = 0;
    while (index < view.blocks.size() && !(view.blocks[index] == wanted && equal++ == again)) ++index;
    if (index == view.blocks.size()) view.blocks.push_back(wanted);
    places.push_back(
        {static_cast<std::int32_t>(flat % plane / stored.width), static_cast<std::int32_t>(flat % stored.width),
         static_cast<std::int32_t>(index) * block_channels + static_cast<std::int32_t>(flat / plane % block_channels)});
  }
  if (view.blocks.empty()) refuse(node, "its input is padding alone");
  for (std::int32_t row = 0; row < view.height; ++row) view.maps[0].row.push_back(row);
  for (std::int32_t column = 0; column < view.width; ++column) view.maps[0].column.push_back(column);
  view.channels = static_cast<std::int32_t>(view.blocks.size()) * block_channels;
  from.window_height = view.height;
  from.window_width = view.width;
  from.output_channels = static_cast<std::int32_t>(outputs);
  from.weight_bits = options_.narrow_weights ? 2 : weights->bits;
  for (const float scale : weights->scale)
    from.multiplier.push_back(static_cast<float>(input.quantization.scale * scale) / output.scale);
  from.output = output;
  from.lowest = range.lowest;
  from.highest = range.highest;
  set_bias(from, node, *weights, input.quantization.scale);
  from.products = [&](const auto& product) {
    for (std::int64_t o = 0; o < outputs; ++o)
      for (std::int64_t k = 0; k < inputs; ++k) {
        const std::int32_t weight =
            weights->values[static_cast<std::size_t>(transposed ? o * inputs + k : k * outputs + o)];
        const Place& place = places[static_cast<std::size_t>(k)];
        if (weight != 0)
          product(Product{static_cast<std::int32_t>(o), place.row, place.column, place.position, weight});
      }
  };
  from.block_range.assign(static_cast<std::size_t>((outputs + lanes - 1) / lanes),
                          {0, static_cast<std::int32_t>(view.blocks.size())});
  Layer layer = linear_layer(from);
  layer.multiply_accumulates = weights->values.size();
  return layer;
}

Layer Lowering::average(const Node& node, const Quantization& output, CodeRange range) {
  const ElementView input = view_of(node, 0);
  const Extent size = extent_of(node, input);
  if (input.shape.size() != 4) refuse(node, "only averages over height and width are supported");
  std::vector<std::int64_t> kernel{size.height, size.width}, strides{1, 1}, pads{0, 0, 0, 0}, dilations{1, 1};
  if (node.op == "AveragePool") {
    kernel = node.integers("kernel_shape", {});
    strides = node.integers("strides", strides);
    pads = node.integers("pads", pads);
    dilations = node.integers("dilations", dilations);
    const bool padded = pads[0] + pads[1] + pads[2] + pads[3] != 0;
    if (padded && node.integer("count_include_pad", 0) == 0)
      refuse(node,
             "an average that leaves padding out of its count is not supported; export it with count_include_pad = 1");
  } else if (node.op == "ReduceMean" && node.integers("axes", {}) != std::vector<std::int64_t>{2, 3}) {
    refuse(node, "only the mean over height and width (axes 2 and 3) is supported");
  }
  LinearSpecification from;
  from.name = node.name;
  from.place = network::place(graph_, node);
  from.input = factorized(node, input, pads, input.quantization.zero_point);
  set_window(from, kernel, strides, dilations);
  from.output_channels = size.channels;
  from.weight_bits = bits_of_ones(input.quantization);
  from.multiplier = {input.quantization.scale /
                     static_cast<float>(output.scale * static_cast<float>(kernel[0] * kernel[1]))};
  from.output = output;
  from.lowest = range.lowest;
  from.highest = range.highest;
  const auto& position = from.input.position;
  from.products = [&](const auto& product) {
    for (std::int32_t c = 0; c < from.output_channels; ++c)
      for (std::int32_t r = 0; r < from.window_height; ++r)
        for (std::int32_t s = 0; s < from.window_width; ++s)
          product(Product{c, r, s, position[static_cast<std::size_t>(c)], 1});
  };
  from.block_range = block_ranges(from.input, from.output_channels, one_to_one);
  return linear_layer(from);
}

}  // namespace northpole::lower
