// QuantizeLinear and DequantizeLinear with scale and zero point always there, and of one shape.
#include "network/add_constant.h"
#include "network/element_number.h"
#include "network/normal_forms.h"
#include "network/text.h"

namespace northpole::network {
namespace {

Tensor reshaped(const Tensor& tensor, Shape shape) {
  Tensor result = tensor;
  result.shape = std::move(shape);
  return result;
}

ElementType zero_point_type(const NodeView& view) {
  if (view.node.op == "DequantizeLinear") return view.input(0).type;
  const auto named = element_type_of(view.node.integer("output_dtype", 0));
  return named.value_or(ElementType::uint8);
}

// From opset 23 on, a QuantizeLinear may name the precision of its division and a DequantizeLinear its result's type.
void check_precision(const NodeView& view) {
  const bool quantizes = view.node.op == "QuantizeLinear";
  const std::int64_t number = view.node.integer(quantizes ? "precision" : "output_dtype", 0);
  const auto type = element_type_of(number);
  // float16 is float32 here.
  const bool is_float32 = type == ElementType::float32 || (type == ElementType::float16 && !quantizes);
  if (number != 0 && !is_float32)
    view.fail(std::string("it computes in another precision than float32 (") +
              (quantizes ? "precision" : "output_dtype") + " " + std::to_string(number) + ")");
}

}  // namespace

std::vector<Node> normal_quantization(Graph& graph, const Node& node) {
  const NodeView view(graph, node);
  if (node.integer("block_size", 0) != 0)
    view.fail("scales by block are not supported; use one by tensor or by channel");
  check_precision(view);
  const Tensor* scale = view.constant(1);
  if (scale == nullptr || scale->type != ElementType::float32) view.fail("its scale must be a float constant");
  if (view.has_input(2) && view.constant(2) == nullptr) view.fail("its zero point must be constant");
  Node result = bare(node, node.op);
  result.inputs = {node.inputs[0], node.inputs[1]};

  const bool by_tensor = scale->size() == 1;
  if (!by_tensor) {
    const std::int64_t axis = view.resolved_axis(node.integer("axis", 1), view.rank(0));
    if (scale->shape != Shape{view.shape(0)[static_cast<std::size_t>(axis)]})
      view.fail("its scale of shape " + to_string(scale->shape) + " does not fit axis " + std::to_string(axis) +
                " of " + to_string(view.shape(0)));
    result.attributes["axis"] = axis;
  }
  const Shape shape = by_tensor ? Shape{} : scale->shape;
  const std::int64_t count = scale->size();
  if (scale->shape != shape)
    result.inputs[1] = add_constant(graph, node.inputs[1] + "_scalar", reshaped(*scale, shape));

  if (!view.has_input(2)) {
    result.inputs.push_back(
        add_constant(graph, node.name + "_zero_point", Tensor::zeros(zero_point_type(view), shape)));
    return {result};
  }
  const Tensor& zero_point = *view.constant(2);
  if (zero_point.size() != count)
    view.fail("its zero point " + to_string(zero_point.shape) + " does not fit its scale");
  result.inputs.push_back(node.inputs[2]);
  if (zero_point.shape != shape)
    result.inputs[2] = add_constant(graph, node.inputs[2] + "_reshaped", reshaped(zero_point, shape));
  return {result};
}

}  // namespace northpole::network
