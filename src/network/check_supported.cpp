// What a network in normal form must keep to. The words are in the table of operators.h; here is the proof.
#include <cmath>

#include "network/error.h"
#include "network/node_view.h"
#include "network/operators.h"
#include "network/text.h"

namespace northpole::network {
namespace {

// A constant, or a constant behind DequantizeLinear (and QuantizeLinear before that, as training exporters write it).
bool is_fixed(const Graph& graph, const std::string& value) {
  if (graph.constant(value) != nullptr) return true;
  const auto producer = graph.producer(value);
  if (!producer) return false;
  const Node& node = graph.nodes[*producer];
  return (node.op == "DequantizeLinear" || node.op == "QuantizeLinear") && is_fixed(graph, node.inputs[0]);
}

void demand(const NodeView& view, bool holds, const std::string& message) {
  if (!holds) view.fail(message);
}

void check_picture(const NodeView& view) {
  demand(view, view.rank(0) == 4, "it is only supported on 2-D pictures (4 axes), not on " + to_string(view.shape(0)));
}

void check_pads(const NodeView& view) {
  const auto kernel = view.node.integers("kernel_shape", {}), dilations = view.node.integers("dilations", {});
  const auto pads = view.node.integers("pads", {});
  for (std::size_t i = 0; i < pads.size(); ++i)
    demand(view, pads[i] <= (kernel[i % 2] - 1) * dilations[i % 2], "its padding is as large as its window");
}

void check_layer(const NodeView& view) {
  const Node& node = view.node;
  const Graph& graph = view.graph;
  demand(view, is_fixed(graph, node.inputs.at(1)),
         "its weights " + quoted_name(node.inputs.at(1)) + " must be constant");
  if (view.has_input(2))
    demand(view, is_fixed(graph, node.inputs[2]), "its bias " + quoted_name(node.inputs[2]) + " must be constant");
  demand(view, !is_fixed(graph, node.inputs[0]), "its input is constant");
  if (node.op == "Conv") check_picture(view);
  if (node.op == "MatMul")
    demand(view, view.rank(1) == 2 && view.rank(0) >= 2,
           "its weights must be a matrix, not " + to_string(view.shape(1)));
  if (node.op == "Gemm" && view.has_input(2)) {
    const std::int64_t outputs = view.graph.values.at(node.outputs[0]).shape[1];
    demand(view, view.shape(2) == Shape{outputs},
           "its bias " + to_string(view.shape(2)) + " must be one number for each output");
  }
  if (node.op == "Gemm")
    demand(view, node.real("alpha", 1) == 1 && node.real("beta", 1) == 1,
           "alpha and beta must be 1 where the weights are quantized");
}

void check_pool(const NodeView& view) {
  const Node& node = view.node;
  check_picture(view);
  if (node.op == "GlobalAveragePool") return;
  demand(view, node.outputs.size() == 1, "its indices are used, which is not supported");
  demand(view, node.integer("ceil_mode", 0) == 0,
         "count_include_pad together with a ceil_mode that reaches over the padding is not supported");
  if (node.op == "AveragePool")
    demand(view, node.integers("dilations", {1, 1}) == std::vector<std::int64_t>{1, 1},
           "dilation is not supported here");
  check_pads(view);
}

void check_mean(const NodeView& view) {
  check_picture(view);
  demand(view, view.node.integers("axes", {}) == std::vector<std::int64_t>{2, 3},
         "it is only supported over height and width (axes 2 and 3)");
}

void check_quantization(const NodeView& view) {
  const Node& node = view.node;
  const Tensor& scale = *view.constant(1);
  for (std::int64_t i = 0; i < scale.size(); ++i)
    demand(view, std::isfinite(scale.number(i)) && scale.number(i) > 0,
           "its scale holds " + std::to_string(scale.number(i)) + "; scales are positive");
  const bool quantizes = node.op == "QuantizeLinear";
  const ElementType codes = view.input(2).type;
  demand(view, is_quantized_type(codes) || (!quantizes && codes == ElementType::int32),
         "element type " + std::string(element_name(codes)) + " is not supported; 8, 4 and 2 bit are");
  demand(view, quantizes || view.input(0).type == codes, "its zero point's type differs from its input's");
}

// Nothing behind it but other work of the host.
void check_at_end(const NodeView& view) {
  const Graph& graph = view.graph;
  std::vector<std::string> open{view.node.outputs.at(0)};
  while (!open.empty()) {
    const std::string value = open.back();
    open.pop_back();
    for (const std::size_t index : graph.consumers(value)) {
      const Operator* entry = find_operator(graph.nodes[index].op);
      const bool ends = entry != nullptr && (entry->place == Place::host || entry->place == Place::quantization ||
                                             entry->place == Place::moved);
      demand(view, ends,
             "it is only supported at the network's end, but " + graph.nodes[index].described() + " follows");
      for (const std::string& output : graph.nodes[index].outputs) open.push_back(output);
    }
  }
}

// Arithmetic is on real values; codes and indices may only be moved, or pass through their own pairs.
void check_element_type(const NodeView& view, Place where) {
  if (!view.has_input(0)) return;
  const ElementType type = view.input(0).type;
  const bool moves = where == Place::moved || where == Place::quantization;
  const bool integer = is_quantized_type(type) || type == ElementType::int32 || type == ElementType::int64;
  demand(view, type == ElementType::float32 || (moves && integer),
         "element type " + std::string(element_name(type)) +
             " is not supported here; export the network in float32, or quantized with QuantizeLinear and "
             "DequantizeLinear");
}

void check_node(const NodeView& view, Place where) {
  const std::string& op = view.node.op;
  check_element_type(view, where);
  switch (where) {
    case Place::matrix_unit:
      if (op == "ReduceMean") return check_mean(view);
      if (op == "AveragePool" || op == "GlobalAveragePool") return check_pool(view);
      return check_layer(view);
    case Place::quantization:
      return check_quantization(view);
    case Place::host:
      return check_at_end(view);
    case Place::folded:
      view.fail("it could not be folded away: " + std::string(find_operator(op)->constraints));
    case Place::vector_unit:
      if (op == "MaxPool") return check_pool(view);
      return;
    case Place::moved:
    case Place::dialect:
      return;
  }
}

}  // namespace

void check_supported(const Graph& graph) {
  check_known(graph);
  for (const Node& node : graph.nodes) {
    const NodeView view(graph, node);
    at_node(graph, node, [&] { check_node(view, find_operator(node.op)->place); });
  }
}

}  // namespace northpole::network
