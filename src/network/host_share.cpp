#include "network/host_share.h"

#include <algorithm>

namespace northpole::network {
namespace {

bool is_one_of(const Node& node, std::initializer_list<const char*> operators) {
  return node.domain.empty() &&
         std::any_of(operators.begin(), operators.end(), [&](const char* op) { return node.op == op; });
}

bool clamps(const Node& node) { return is_one_of(node, {"Relu", "Clip"}); }
bool is_arithmetic(const Node& node) { return is_one_of(node, {"Add", "Sub", "Mul"}); }
bool moves(const Node& node) {
  return is_one_of(node, {"Reshape", "Transpose", "Slice", "Split", "Pad", "Concat", "Identity"});
}
bool ends(const Node& node) { return is_one_of(node, {"Softmax", "ArgMax"}); }

// The one input that is no constant; nothing when there are two, or none.
const std::string* only_activation(const Graph& graph, const Node& node) {
  const std::string* found = nullptr;
  for (const std::string& input : node.inputs) {
    if (const Tensor* constant = graph.constant(input)) {
      if (constant->type != ElementType::float32) return nullptr;
      continue;
    }
    if (found != nullptr) return nullptr;
    found = &input;
  }
  return found;
}

bool is_float_matrix_product(const Graph& graph, const Node& node) {
  const Tensor* matrix = node.op == "MatMul" && node.inputs.size() == 2 ? graph.constant(node.inputs[1]) : nullptr;
  return matrix != nullptr && matrix->shape.size() == 2;
}

}  // namespace

bool only_host_reads(const Graph& graph, const std::string& value) {
  const auto readers = graph.consumers(value);
  if (readers.empty()) return graph.is_output(value);
  return std::all_of(readers.begin(), readers.end(), [&](std::size_t reader) {
    const Node& node = graph.nodes[reader];
    const bool host =
        clamps(node) || is_arithmetic(node) || moves(node) || ends(node) || is_float_matrix_product(graph, node);
    return host && std::all_of(node.outputs.begin(), node.outputs.end(), [&](const std::string& output) {
             return output.empty() || only_host_reads(graph, output);
           });
  });
}

bool is_before_quantization(const Graph& graph, const Node& node) {
  if (!clamps(node) && !is_arithmetic(node)) return false;
  const std::string* value = only_activation(graph, node);
  if (value == nullptr) return false;
  if (const auto producer = graph.producer(*value)) return is_before_quantization(graph, graph.nodes[*producer]);
  return std::any_of(graph.inputs.begin(), graph.inputs.end(),
                     [&](const Port& port) { return port.name == *value && port.type == ElementType::float32; });
}

bool is_behind_quantization(const Graph& graph, const Node& node) {
  if (!clamps(node) && !is_arithmetic(node) && !is_float_matrix_product(graph, node)) return false;
  const std::string* value = only_activation(graph, node);
  if (value == nullptr || !only_host_reads(graph, node.outputs.at(0))) return false;
  for (std::string at = *value;;) {
    const auto producer = graph.producer(at);
    if (!producer) return false;
    const Node& before = graph.nodes[*producer];
    if (before.op == "DequantizeLinear") return graph.constant(before.inputs.at(0)) == nullptr;
    if (is_behind_quantization(graph, before)) return true;
    if (!moves(before)) return false;
    at = before.inputs.at(0);
  }
}

}  // namespace northpole::network
