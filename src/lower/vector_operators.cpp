// Element-wise operators and maximum pools as layers of the vector unit. The arithmetic is docs/numerics.md's.
#include <cmath>
#include <cstring>

#include "lower/lowering.h"
#include "network/error.h"

namespace northpole::lower {

using isa::VectorFunction;
using isa::VectorOperation;
using isa::VectorSecond;
using network::Node;

VectorFunction Lowering::memory_function(const Quantization& input, const Quantization& output, CodeRange range) const {
  VectorFunction function;
  function.source = isa::VectorSource::memory;
  function.source_signed = input.is_signed;
  function.source_zero = input.zero_point;
  function.source_bits = static_cast<std::uint8_t>(input.bits);
  function.output_bits = static_cast<std::uint8_t>(output.bits);
  function.output_zero = output.zero_point;
  function.output_lowest = range.lowest;
  function.output_highest = range.highest;
  return function;
}

Layer Lowering::elementwise(const Node& node, View input, const Quantization& output, CodeRange range) const {
  Layer layer;
  layer.kind = LayerKind::elementwise;
  layer.name = node.name;
  layer.function = memory_function(input.quantization, output, range);
  layer.inputs.push_back(std::move(input));
  return layer;
}

Layer Lowering::requantized(const Node& node, View view, const Quantization& output, CodeRange range) const {
  Layer layer = elementwise(node, view, output, range);
  if (view.quantization == output) {
    layer.function.operation = VectorOperation::move;  // Relu or Clip alone
  } else {
    layer.function.operation = VectorOperation::scale;
    layer.function.kx = rounded(view.quantization.scale / output.scale);
    check_constant(node, view.quantization.scale / output.scale, "the ratio of input and output scale");
  }
  return layer;
}

Layer Lowering::maximum(const Node& node, const Quantization& output, CodeRange range) {
  const ElementView& input = view_of(node, 0);
  if (input.shape.size() != 4) refuse(node, "only windows over height and width are supported");
  const auto pads = node.integers("pads", {0, 0, 0, 0});
  // Padding never wins.
  Layer layer = requantized(node, canonical(node, input, pads, input.quantization.lowest()), output, range);
  layer.kind = LayerKind::max_pool;
  layer.function.reduction = isa::VectorReduction::maximum;
  const auto kernel = node.integers("kernel_shape", {}), strides = node.integers("strides", {1, 1}),
             dilations = node.integers("dilations", {1, 1});
  layer.window_height = static_cast<std::int32_t>(kernel[0]);
  layer.window_width = static_cast<std::int32_t>(kernel[1]);
  layer.stride_y = static_cast<std::int32_t>(strides[0]);
  layer.stride_x = static_cast<std::int32_t>(strides[1]);
  layer.dilation_y = static_cast<std::int32_t>(dilations[0]);
  layer.dilation_x = static_cast<std::int32_t>(dilations[1]);
  return layer;
}

Layer Lowering::unary(const Node& node, const Quantization& output, CodeRange range) {
  const ElementView& input = view_of(node, 0);
  const Quantization& q = input.quantization;
  Layer layer = elementwise(node, canonical(node, input), output, range);
  VectorFunction& function = layer.function;
  function.kx = rounded(q.scale);
  function.ky = rounded(1.0F / output.scale);
  if (node.op == "LeakyRelu") {
    const float negative = static_cast<float>(node.real("alpha", 0.01F) * q.scale) / output.scale;
    function.operation = VectorOperation::leaky_relu;
    function.kx = rounded(q.scale / output.scale);
    function.ky = rounded(negative);
    check_constant(node, q.scale / output.scale, "the ratio of input and output scale");
    check_constant(node, negative, "the slope times the ratio of scales");
    return layer;
  }
  check_constant(node, q.scale, "the input's scale");
  check_constant(node, 1.0F / output.scale, "one over the output's scale");
  if (node.op == "Sigmoid") {
    function.operation = VectorOperation::sigmoid;
  } else if (node.op == "HardSigmoid") {
    function.operation = VectorOperation::hard_sigmoid;
    function.alpha = rounded(node.real("alpha", 0.2F));
    function.beta = rounded(node.real("beta", 0.5F));
  } else if (node.op == "HardSwish") {
    function.operation = VectorOperation::hard_swish;
    function.alpha = rounded(1.0F / 6.0F);
    function.beta = rounded(0.5F);
  } else {
    refuse(node, "this operator is not supported by the machine");
  }
  return layer;
}

Layer Lowering::binary(const Node& node, const Quantization& output, CodeRange range) {
  const bool product = node.op == "Mul";
  const auto first_constant = float_constant(graph_, node.inputs[0]),
             second_constant = float_constant(graph_, node.inputs[1]);
  if (first_constant && second_constant) refuse(node, "both of its inputs are constants; fold it");

  if (first_constant || second_constant) {
    const FloatConstant& constant = first_constant ? *first_constant : *second_constant;
    const ElementView& input = view_of(node, first_constant ? 1 : 0);
    const Extent size = extent_of(node, input);
    // One value for each channel, or one for all.
    network::Shape aligned = constant.shape;
    if (aligned.size() < input.shape.size()) aligned.insert(aligned.begin(), input.shape.size() - aligned.size(), 1);
    const auto shape = graph_.values.at(node.outputs[0]).shape == input.shape ? extent(aligned) : std::nullopt;
    if (!shape || shape->height != 1 || shape->width != 1 ||
        (constant.values.size() != 1 && static_cast<std::int32_t>(constant.values.size()) != size.channels))
      refuse(node, "a constant of shape " + network::to_string(constant.shape) +
                       " is not supported; one value, or one for each channel is");
    Layer layer = elementwise(node, canonical(node, input), output, range);
    VectorFunction& function = layer.function;
    function.second = VectorSecond::constant;
    function.operation = product            ? VectorOperation::multiply
                         : node.op == "Add" ? VectorOperation::add
                         : first_constant   ? VectorOperation::reverse_subtract
                                            : VectorOperation::subtract;
    function.kx = product ? 1.0F : rounded(input.quantization.scale / output.scale);
    if (!product) check_constant(node, input.quantization.scale / output.scale, "the ratio of input and output scale");
    layer.lane_words = 4;
    const std::int32_t blocks = (size.channels + 31) / 32;
    layer.lane_constants.assign(static_cast<std::size_t>(blocks) * 4, isa::Word{});
    for (std::int32_t c = 0; c < size.channels; ++c) {
      const float value = constant.values[constant.values.size() == 1 ? 0 : static_cast<std::size_t>(c)];
      const float steps =
          product ? static_cast<float>(input.quantization.scale * value) / output.scale : value / output.scale;
      const float lane = rounded(steps);  // one that vanishes counts as 0, as pruned channels have it
      if (!std::isfinite(lane)) check_constant(node, steps, "the constant in units of the output's scale");
      std::memcpy(layer.lane_constants[static_cast<std::size_t>(c / 32 * 4 + c % 32 / 8)].data() + c % 8 * 4, &lane, 4);
    }
    return layer;
  }

  // Two tensors. One of a single position is used for all positions.
  const ElementView a = view_of(node, 0), b = view_of(node, 1);
  const auto a_size = extent(a.shape), b_size = extent(b.shape);
  const auto single = [](const Extent& e) { return e.height == 1 && e.width == 1; };
  const bool same = a.shape == b.shape;
  if (!a_size || !b_size || a.shape.size() != b.shape.size() || a_size->channels != b_size->channels ||
      (!same && !single(*a_size) && !single(*b_size)))
    refuse(node, "inputs of shapes " + network::to_string(a.shape) + " and " + network::to_string(b.shape) +
                     " are not supported");
  Layer layer = elementwise(node, canonical(node, a), output, range);
  layer.broadcast = same ? -1 : single(*a_size) ? 0 : 1;
  layer.inputs.push_back(canonical(node, b));
  VectorFunction& function = layer.function;
  function.second = VectorSecond::memory;
  function.second_signed = b.quantization.is_signed;
  function.second_zero = b.quantization.zero_point;
  function.second_bits = static_cast<std::uint8_t>(b.quantization.bits);
  if (product) {
    function.operation = VectorOperation::multiply;
    const float k = static_cast<float>(a.quantization.scale * b.quantization.scale) / output.scale;
    function.kx = rounded(k);
    check_constant(node, k, "the product of the input scales over the output's");
  } else {
    function.operation = node.op == "Add" ? VectorOperation::add : VectorOperation::subtract;
    function.kx = rounded(a.quantization.scale / output.scale);
    function.ky = rounded(b.quantization.scale / output.scale);
    check_constant(node, a.quantization.scale / output.scale, "the ratio of input and output scale");
    check_constant(node, b.quantization.scale / output.scale, "the ratio of input and output scale");
  }
  return layer;
}

}  // namespace northpole::lower
