// Normal forms of arithmetic and activation functions.
#include <algorithm>
#include <cmath>
#include <limits>

#include "network/add_constant.h"
#include "network/normal_forms.h"
#include "network/parameters.h"

namespace northpole::network {
namespace {

// Each bound only as far as it bounds anything.
Node clip(const Node& node, const std::string& input, std::optional<float> low, std::optional<float> high) {
  constexpr float most = std::numeric_limits<float>::max();
  const float least_value = low.value_or(-most), largest_value = high.value_or(most);
  const bool below = least_value > -most, above = largest_value < most;
  Node result = bare(node, !below && !above ? "Identity" : !above && least_value == 0.0f ? "Relu" : "Clip");
  result.inputs = {input};
  if (result.op != "Clip") return result;
  if (below) result.attributes["min"] = least_value;
  if (above) result.attributes["max"] = largest_value;
  return result;
}

}  // namespace

std::vector<Node> normal_commutative(Graph& graph, const Node& node) {
  Node result = node;
  if (graph.constant(node.inputs.at(0)) != nullptr) std::swap(result.inputs.at(0), result.inputs.at(1));
  return {result};
}

std::vector<Node> normal_division(Graph& graph, const Node& node) {
  const NodeView view(graph, node);
  const Tensor* divisor = view.constant(1);
  if (divisor == nullptr || divisor->type != ElementType::float32)
    view.fail("only division by a float constant is supported");
  Tensor reciprocal = Tensor::zeros(ElementType::float32, divisor->shape);
  for (std::int64_t i = 0; i < reciprocal.size(); ++i) {
    const float value = 1.0f / divisor->data<float>()[i];
    if (!std::isfinite(value)) view.fail("it divides by zero or by a number too small");
    reciprocal.data<float>()[i] = value;
  }
  Node result = bare(node, "Mul");
  result.inputs = {node.inputs[0], add_constant(graph, node.inputs[1] + "_reciprocal", std::move(reciprocal))};
  return {result};
}

std::vector<Node> normal_sum(Graph& graph, const Node& node) {
  if (node.inputs.size() < 2) return {bare(node, "Identity")};
  std::vector<Node> nodes;
  Port sum = NodeView(graph, node).input(0);
  std::string value = node.inputs[0];
  for (std::size_t i = 1; i < node.inputs.size(); ++i) {
    const bool last = i + 1 == node.inputs.size();
    const NodeView view(graph, node);
    sum.shape = broadcast_shape(view, sum.shape, view.shape(i));
    const std::string total = last ? node.outputs[0] : add_value(graph, node.outputs[0] + "_partial", sum);
    nodes.push_back(Node{last ? node.name : node.name + "_partial", "Add", "", {value, node.inputs[i]}, {total}, {}});
    value = total;
  }
  return nodes;
}

std::vector<Node> normal_limit(Graph& graph, const Node& node) {
  const NodeView view(graph, node);
  if (node.inputs.size() == 1) return {bare(node, "Identity")};
  for (const std::size_t which : {std::size_t{1}, std::size_t{0}}) {
    const Tensor* limit = node.inputs.size() == 2 ? view.constant(which) : nullptr;
    if (limit == nullptr || limit->size() != 1 || graph.values.at(node.outputs[0]).shape != view.shape(1 - which))
      continue;
    const auto bound = static_cast<float>(limit->number(0));
    return {node.op == "Max" ? clip(node, node.inputs[1 - which], bound, {})
                             : clip(node, node.inputs[1 - which], {}, bound)};
  }
  view.fail("it is only supported between a tensor and one constant number");
}

std::vector<Node> normal_clip(Graph& graph, const Node& node) {
  const NodeView view(graph, node);
  const auto low = view.real("min", 1), high = view.real("max", 2);
  if ((low && std::isnan(*low)) || (high && std::isnan(*high))) view.fail("a bound is NaN");
  if (low && high && *low > *high) view.fail("its min is larger than its max");
  return {clip(node, node.inputs.at(0), low, high)};
}

std::vector<Node> normal_prelu(Graph& graph, const Node& node) {
  const NodeView view(graph, node);
  const Tensor* slope = view.constant(1);
  bool uniform = slope != nullptr && slope->type == ElementType::float32 && slope->size() > 0;
  for (std::int64_t i = 1; uniform && i < slope->size(); ++i)
    uniform = slope->data<float>()[i] == slope->data<float>()[0];
  if (!uniform) view.fail("it is only supported with one constant slope for all channels");
  Node result = bare(node, "LeakyRelu");
  result.attributes["alpha"] = slope->data<float>()[0];
  return {result};
}

std::vector<Node> normal_leaky_relu(Graph&, const Node& node) {
  Node result = bare(node, "LeakyRelu");
  result.attributes["alpha"] = node.real("alpha", 0.01f);
  return {result};
}

std::vector<Node> normal_hard_sigmoid(Graph&, const Node& node) {
  Node result = bare(node, "HardSigmoid");
  result.attributes["alpha"] = node.real("alpha", 0.2f);
  result.attributes["beta"] = node.real("beta", 0.5f);
  return {result};
}

std::vector<Node> normal_reduce_mean(Graph& graph, const Node& node) {
  const NodeView view(graph, node);
  const Reduction reduction = reduction_of(view);
  if (reduction.axes.empty()) return {bare(node, "Identity")};
  Node result = bare(node, "ReduceMean");
  result.attributes["axes"] = reduction.axes;
  result.attributes["keepdims"] = std::int64_t{reduction.keep};
  return {result};
}

std::vector<Node> normal_softmax(Graph& graph, const Node& node) {
  const NodeView view(graph, node);
  const bool flattens = graph.opset < 13;
  std::int64_t axis = view.resolved_axis(node.integer("axis", flattens ? 1 : -1), view.rank(0));
  if (flattens) {
    // Before opset 13 it works on everything from the axis on at once: the same only if one axis has all the elements.
    const Shape& shape = view.shape(0);
    std::int64_t wide = axis;
    for (std::int64_t i = axis; i < view.rank(0); ++i)
      if (shape[static_cast<std::size_t>(i)] != 1) wide = i;
    const Shape rest(shape.begin() + axis, shape.end());
    if (element_count(rest) != shape[static_cast<std::size_t>(wide)])
      view.fail("it works over several axes at once, which is not supported");
    axis = wide;
  }
  Node result = bare(node, node.op);
  result.attributes["axis"] = axis;
  return {result};
}

std::vector<Node> normal_arg_max(Graph& graph, const Node& node) {
  const NodeView view(graph, node);
  Node result = bare(node, node.op);
  result.attributes["axis"] = view.resolved_axis(node.integer("axis", 0), view.rank(0));
  result.attributes["keepdims"] = node.integer("keepdims", 1);
  result.attributes["select_last_index"] = node.integer("select_last_index", 0);
  return {result};
}

}  // namespace northpole::network
