#include <algorithm>

#include "network/add_constant.h"
#include "network/dialects/dialects.h"
#include "network/dialects/quantizer.h"

namespace northpole::network {
namespace {

bool reshapes(const Node& node) {
  return node.domain.empty() &&
         (node.op == "Reshape" || node.op == "Flatten" || node.op == "Squeeze" || node.op == "Unsqueeze");
}

// Whether the node does the same to every number of its input `activation`, whatever the shape.
bool is_uniform(const Graph& graph, const Node& node, std::size_t& activation) {
  activation = 0;
  const auto is_number = [&](std::size_t input) {
    const Tensor* constant = input < node.inputs.size() ? graph.constant(node.inputs[input]) : nullptr;
    return constant != nullptr && constant->size() == 1;
  };
  if (is_quantizer(node) || node.op == "DequantizeLinear" || node.op == "QuantizeLinear") {
    for (std::size_t input = 1; input < node.inputs.size(); ++input)
      if (!is_number(input)) return false;
    return true;
  }
  if (!node.domain.empty()) return false;
  if (node.op == "Relu" || node.op == "Clip") return true;
  if (node.op != "Add" && node.op != "Sub" && node.op != "Mul" && node.op != "Div") return false;
  activation = is_number(0) ? 1 : 0;
  return is_number(1 - activation);
}

bool is_float_input(const Graph& graph, const std::string& value) {
  return std::any_of(graph.inputs.begin(), graph.inputs.end(),
                     [&](const Port& port) { return port.name == value && port.type == ElementType::float32; });
}

// From the network's float input through work of the host alone: nothing else is reordered.
bool comes_from_input(const Graph& graph, const std::string& value) {
  if (is_float_input(graph, value)) return true;
  const auto producer = graph.producer(value);
  if (!producer) return false;
  const Node& node = graph.nodes[*producer];
  std::size_t activation = 0;
  const bool quantizes = is_quantizer(node) || node.op == "QuantizeLinear" || node.op == "DequantizeLinear";
  return !quantizes && is_uniform(graph, node, activation) && comes_from_input(graph, node.inputs.at(activation));
}

}  // namespace

bool quantize_before_reshaping(Graph& graph) {
  for (std::size_t i = 0; i < graph.nodes.size(); ++i) {
    const Node reshape = graph.nodes[i];
    if (!reshapes(reshape) || graph.is_output(reshape.outputs.at(0)) || !comes_from_input(graph, reshape.inputs.at(0)))
      continue;
    const auto readers = graph.consumers(reshape.outputs[0]);
    std::size_t activation = 0;
    if (readers.size() != 1 || !is_uniform(graph, graph.nodes[readers[0]], activation)) continue;
    // Constants of another rank than the input's would broadcast it.
    Node next = graph.nodes[readers[0]];
    const Shape& input_shape = graph.values.at(reshape.inputs[0]).shape;
    if (graph.values.at(next.outputs.at(0)).shape != graph.values.at(reshape.outputs[0]).shape) continue;
    for (std::size_t k = 0; k < next.inputs.size(); ++k) {
      const Tensor* constant = k == activation ? nullptr : graph.constant(next.inputs[k]);
      if (constant == nullptr || constant->shape.empty() || constant->shape.size() <= input_shape.size()) continue;
      Tensor number = *constant;
      number.shape.clear();
      next.inputs[k] = add_constant(graph, next.inputs[k] + "_number", std::move(number));
    }
    Port port = graph.values.at(next.outputs[0]);
    port.shape = input_shape;
    const std::string value = add_value(graph, next.outputs[0] + "_unshaped", port);
    Node behind = reshape;
    next.inputs[activation] = reshape.inputs[0];
    behind.inputs[0] = value;
    behind.outputs[0] = next.outputs[0];
    next.outputs[0] = value;
    graph.nodes[i] = std::move(next);
    graph.nodes[readers[0]] = std::move(behind);
    return true;
  }
  return false;
}

}  // namespace northpole::network
