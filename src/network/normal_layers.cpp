// Normal forms of convolutions, pools and matrix products.
#include <algorithm>
#include <numeric>

#include "network/add_constant.h"
#include "network/evaluate.h"
#include "network/normal_forms.h"
#include "network/parameters.h"

namespace northpole::network {
namespace {

void set_window(Node& node, const Window& window) {
  node.attributes["kernel_shape"] = window.kernel;
  node.attributes["strides"] = window.strides;
  node.attributes["dilations"] = window.dilations;
  node.attributes["pads"] = window.pads;
}

Tensor transposed(const Tensor& matrix) {
  Tensor result = Tensor::zeros(matrix.type, {matrix.shape[1], matrix.shape[0]});
  const std::int64_t rows = matrix.shape[0], columns = matrix.shape[1];
  for (std::int64_t row = 0; row < rows; ++row)
    for (std::int64_t column = 0; column < columns; ++column)
      result.data<float>()[column * rows + row] = matrix.data<float>()[row * columns + column];
  return result;
}

Tensor multiplied(Tensor tensor, float factor) {
  for (std::int64_t i = 0; i < tensor.size(); ++i) tensor.data<float>()[i] *= factor;
  return tensor;
}

bool is_float_constant(const Tensor* tensor) { return tensor != nullptr && tensor->type == ElementType::float32; }

// A bias that is the same for every row becomes a list by output.
void make_bias_a_list(Graph& graph, Node& node, std::int64_t outputs) {
  const Tensor& bias = *graph.constant(node.inputs[2]);
  if (bias.shape == Shape{outputs} || (bias.size() != 1 && (bias.size() != outputs || bias.shape.back() != outputs)))
    return;
  Tensor list = Tensor::zeros(ElementType::float32, {outputs});
  for (std::int64_t i = 0; i < outputs; ++i) list.data<float>()[i] = bias.data<float>()[bias.size() == 1 ? 0 : i];
  node.inputs[2] = add_constant(graph, node.inputs[2] + "_by_output", std::move(list));
}

bool has_matrix_bias(const Graph& graph, const Node& node) {
  const Tensor* bias = node.inputs.size() > 2 ? graph.constant(node.inputs[2]) : nullptr;
  return is_float_constant(bias) && bias->shape.size() != 1;
}

}  // namespace

std::vector<Node> normal_convolution(Graph& graph, const Node& node) {
  const NodeView view(graph, node);
  const Shape& weights = view.shape(1);
  Node result = node;
  result.attributes.clear();
  set_window(result, window_of(view, view.shape(0), Shape(weights.begin() + 2, weights.end())));
  result.attributes["group"] = node.integer("group", 1);
  return {result};
}

std::vector<Node> normal_pool(Graph& graph, const Node& node) {
  const NodeView view(graph, node);
  Window window = window_of(view, view.shape(0), {});
  Node result = node;
  result.attributes.clear();
  const bool average = node.op == "AveragePool";
  const std::int64_t counts_padding = node.integer("count_include_pad", 0);
  const bool overhangs =
      std::any_of(window.overhang.begin(), window.overhang.end(), [](std::int64_t size) { return size > 0; });
  if (average) result.attributes["count_include_pad"] = counts_padding;
  if (average && counts_padding != 0 && overhangs) {
    // What hangs over counts neither as padding nor as input: no larger padding says that.
    result.attributes["ceil_mode"] = std::int64_t{1};
  } else {
    for (std::size_t axis = 0; axis < window.overhang.size(); ++axis)
      window.pads[axis + window.overhang.size()] += window.overhang[axis];
  }
  set_window(result, window);
  return {result};
}

std::vector<Node> normal_global_max_pool(Graph& graph, const Node& node) {
  const Shape& shape = NodeView(graph, node).shape(0);
  const std::size_t axes = shape.size() - 2;
  Node result = bare(node, "MaxPool");
  set_window(
      result,
      {Integers(shape.begin() + 2, shape.end()), Integers(axes, 1), Integers(axes, 1), Integers(2 * axes, 0), {}, {}});
  return {result};
}

std::vector<Node> normal_gemm(Graph& graph, const Node& node) {
  const NodeView view(graph, node);
  std::vector<Node> nodes;
  Node result = node;
  float alpha = node.real("alpha", 1.0f), beta = node.real("beta", 1.0f);
  bool turned = node.integer("transB", 0) != 0;
  if (node.integer("transA", 0) != 0) {
    Port port = view.input(0);
    std::swap(port.shape[0], port.shape[1]);
    const std::string value = add_value(graph, node.inputs[0] + "_transposed", port);
    nodes.push_back(
        Node{node.name + "_transpose", "Transpose", "", {node.inputs[0]}, {value}, {{"perm", Integers{1, 0}}}});
    result.inputs[0] = value;
  }
  const Tensor* weights = view.constant(1);
  if (is_float_constant(weights) && (turned || alpha != 1.0f)) {
    Tensor matrix = turned ? transposed(*weights) : *weights;
    result.inputs[1] = add_constant(graph, node.inputs[1] + (turned ? "_transposed" : "_scaled"),
                                    multiplied(std::move(matrix), alpha));
    turned = false;
    alpha = 1.0f;
  }
  if (result.inputs.size() > 2 && beta == 0.0f) result.inputs.resize(2);
  if (result.inputs.size() < 3) beta = 1.0f;
  if (is_float_constant(view.constant(2)) && result.inputs.size() > 2) {
    if (beta != 1.0f)
      result.inputs[2] = add_constant(graph, node.inputs[2] + "_scaled", multiplied(*view.constant(2), beta));
    beta = 1.0f;
    make_bias_a_list(graph, result, graph.values.at(node.outputs[0]).shape[1]);
  }
  result.attributes = {{"transA", std::int64_t{0}}, {"transB", std::int64_t{turned}}, {"alpha", alpha}, {"beta", beta}};
  nodes.push_back(result);
  if (has_matrix_bias(graph, result)) {
    // A bias that differs from row to row is an addition of its own.
    const std::string product = add_value(graph, node.outputs[0] + "_product", graph.values.at(node.outputs[0]));
    nodes.back().inputs.resize(2);
    nodes.back().outputs[0] = product;
    nodes.push_back(Node{node.name + "_bias", "Add", "", {product, result.inputs[2]}, {node.outputs[0]}, {}});
  }
  return nodes;
}

}  // namespace northpole::network
