// Arithmetic of the host, before the network's input is quantized and behind its output.
#include <limits>

#include "lower/lowering.h"
#include "network/error.h"

namespace northpole::lower {

using network::Node;
using program::HostOperation;

std::vector<HostOperation> Lowering::host_operations_of(const Node& node) const {
  constexpr float infinite = std::numeric_limits<float>::infinity();
  if (node.op == "Relu") return {{"Clip", -1, {0, infinite}}};
  if (node.op == "Clip") return {{"Clip", -1, {node.real("min", -infinite), node.real("max", infinite)}}};
  const bool first = graph_.constant(node.inputs.at(0)) != nullptr;
  const auto constant = float_constant(graph_, node.inputs[first ? 0 : 1]);
  if (!constant) refuse(node, "its constant is not supported");
  HostOperation operation{node.op, -1, constant->values};
  if (node.op == "MatMul") return {operation};
  // Constants stand along one axis.
  const network::Shape& shape = graph_.values.at(node.inputs[first ? 1 : 0]).shape;
  const auto rank = static_cast<std::int64_t>(shape.size()), own = static_cast<std::int64_t>(constant->shape.size());
  bool fits = graph_.values.at(node.outputs[0]).shape == shape && own <= rank;
  for (std::int64_t i = 0; fits && i < own; ++i) {
    if (constant->shape[static_cast<std::size_t>(i)] == 1) continue;
    fits = operation.axis < 0;
    operation.axis = i + rank - own;
  }
  if (!fits)
    refuse(node, "a constant of shape " + network::to_string(constant->shape) +
                     " is not supported on the host; one value, or one for each channel is");
  if (node.op == "Sub") {
    operation.op = "Add";
    if (first) return {{"Mul", -1, {-1}}, operation};
    for (float& value : operation.values) value = -value;
  }
  return {operation};
}

void Lowering::visit_before_quantization(const Node& node) {
  const std::string& input = node.inputs[graph_.constant(node.inputs[0]) != nullptr ? 1 : 0];
  auto operations = input_operations_[input];
  if (input == graph_.inputs[0].name) input_operations_.erase(input);
  for (HostOperation& operation : host_operations_of(node)) operations.push_back(std::move(operation));
  input_operations_[node.outputs[0]] = std::move(operations);
}

}  // namespace northpole::lower
