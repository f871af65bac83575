#include "network/shape_rules.h"

#include <map>

#include "network/element_number.h"
#include "network/parameters.h"
#include "network/text.h"

namespace northpole::network {
namespace {

Port like_first(const NodeView& view, Shape shape) { return {"", view.input(0).type, std::move(shape)}; }

std::vector<Port> same(const NodeView& view) { return {like_first(view, view.shape(0))}; }

std::vector<Port> same_with_axis(const NodeView& view) {
  view.resolved_axis(view.node.integer("axis", view.graph.opset < 13 ? 1 : -1), view.rank(0));
  return same(view);
}

std::vector<Port> dropout(const NodeView& view) {
  return {like_first(view, view.shape(0)), {"", ElementType::boolean, view.shape(0)}};
}

std::vector<Port> broadcast(const NodeView& view) {
  if (view.node.inputs.empty()) view.fail("it has no inputs");
  Shape shape = view.shape(0);
  for (std::size_t i = 1; i < view.node.inputs.size(); ++i) shape = broadcast_shape(view, shape, view.shape(i));
  return {like_first(view, std::move(shape))};
}

std::vector<Port> cast(const NodeView& view) {
  const auto type = element_type_of(view.node.integer("to", 0));
  if (!type) view.fail("it casts to an element type that is not supported");
  return {{"", *type, view.shape(0)}};
}

std::vector<Port> quantize(const NodeView& view) {
  ElementType type = ElementType::uint8;
  if (view.has_input(2)) {
    type = view.input(2).type;
  } else if (const std::int64_t number = view.node.integer("output_dtype", 0); number != 0) {
    const auto named = element_type_of(number);
    if (!named) view.fail("its output_dtype " + std::to_string(number) + " is not supported");
    type = *named;
  }
  return {{"", type, view.shape(0)}};
}

std::vector<Port> dequantize(const NodeView& view) { return {{"", ElementType::float32, view.shape(0)}}; }

std::vector<Port> reshape(const NodeView& view) { return {like_first(view, reshape_target(view))}; }

std::vector<Port> transpose(const NodeView& view) {
  Shape shape;
  for (const std::int64_t axis : permutation_of(view)) shape.push_back(view.shape(0)[static_cast<std::size_t>(axis)]);
  return {like_first(view, std::move(shape))};
}

std::vector<Port> concat(const NodeView& view) {
  const auto axis = static_cast<std::size_t>(concat_axis(view));
  Shape shape = view.shape(0);
  for (std::size_t i = 1; i < view.node.inputs.size(); ++i) {
    Shape other = view.shape(i);
    const bool fits = other.size() == shape.size();
    const std::int64_t length = fits ? other[axis] : 0;
    if (fits) other[axis] = shape[axis];
    if (!fits || other != shape)
      view.fail("its inputs " + to_string(view.shape(0)) + " and " + to_string(view.shape(i)) + " do not fit together");
    shape[axis] += length;
  }
  return {like_first(view, std::move(shape))};
}

std::vector<Port> slice(const NodeView& view) { return {like_first(view, slice_of(view).count)}; }

std::vector<Port> split(const NodeView& view) {
  const auto axis = static_cast<std::size_t>(split_axis(view));
  std::vector<Port> ports;
  for (const std::int64_t size : split_sizes(view)) {
    ports.push_back(like_first(view, view.shape(0)));
    ports.back().shape[axis] = size;
  }
  return ports;
}

std::vector<Port> pad(const NodeView& view) {
  const Padding padding = padding_of(view);
  Shape shape = view.shape(0);
  for (std::size_t axis = 0; axis < shape.size(); ++axis) {
    shape[axis] += padding.pads[axis] + padding.pads[axis + shape.size()];
    if (shape[axis] < 0) view.fail("its pads take away more than there is of " + to_string(view.shape(0)));
  }
  return {like_first(view, std::move(shape))};
}

std::vector<Port> resize(const NodeView& view) { return {like_first(view, nearest_resize_of(view).output)}; }

std::vector<Port> reduce(const NodeView& view) {
  return {like_first(view, reduced_shape(view.shape(0), reduction_of(view)))};
}

std::vector<Port> arg_max(const NodeView& view) {
  const Reduction reduction{{view.resolved_axis(view.node.integer("axis", 0), view.rank(0))},
                            view.node.integer("keepdims", 1) != 0};
  return {{"", ElementType::int64, reduced_shape(view.shape(0), reduction)}};
}

}  // namespace

ShapeRule find_shape_rule(const std::string& op) {
  static const std::map<std::string, ShapeRule> rules = {
      {"Conv", shapes_of_convolution},
      {"MaxPool", shapes_of_pool},
      {"AveragePool", shapes_of_pool},
      {"GlobalAveragePool", shapes_of_global_pool},
      {"GlobalMaxPool", shapes_of_global_pool},
      {"Gemm", shapes_of_gemm},
      {"MatMul", shapes_of_matrix_product},
      {"Add", broadcast},
      {"Sub", broadcast},
      {"Mul", broadcast},
      {"Div", broadcast},
      {"Sum", broadcast},
      {"Max", broadcast},
      {"Min", broadcast},
      {"PRelu", same},
      {"Relu", same},
      {"Clip", same},
      {"LeakyRelu", same},
      {"Sigmoid", same},
      {"HardSigmoid", same},
      {"HardSwish", same},
      {"Softmax", same_with_axis},
      {"BatchNormalization", same},
      {"Identity", same},
      {"Dropout", dropout},
      {"Cast", cast},
      {"QuantizeLinear", quantize},
      {"DequantizeLinear", dequantize},
      {"Reshape", reshape},
      {"Flatten", reshape},
      {"Squeeze", reshape},
      {"Unsqueeze", reshape},
      {"Transpose", transpose},
      {"Concat", concat},
      {"Slice", slice},
      {"Split", split},
      {"Pad", pad},
      {"Resize", resize},
      {"Upsample", resize},
      {"ReduceMean", reduce},
      {"ArgMax", arg_max},
  };
  const auto found = rules.find(op);
  return found == rules.end() ? nullptr : found->second;
}

}  // namespace northpole::network
