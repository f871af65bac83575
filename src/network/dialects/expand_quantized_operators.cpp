#include <map>

#include "network/add_constant.h"
#include "network/dialects/dialects.h"
#include "network/dialects/operator_oriented.h"
#include "network/evaluate.h"
#include "network/node_view.h"
#include "network/topology.h"

namespace northpole::network {
namespace {

// By domain and operator.
const std::map<std::pair<std::string, std::string>, OperatorExpansion>& expansions() {
  static const std::string standard, runtime = "com.microsoft";
  static const std::map<std::pair<std::string, std::string>, OperatorExpansion> table = {
      {{standard, "QLinearConv"}, expand_qlinear_conv},
      {{runtime, "QLinearConv"}, expand_qlinear_conv},
      {{standard, "QLinearMatMul"}, expand_qlinear_matmul},
      {{runtime, "QGemm"}, expand_qgemm},
      {{standard, "ConvInteger"}, expand_conv_integer},
      {{standard, "MatMulInteger"}, expand_matmul_integer},
      {{runtime, "MatMulIntegerToFloat"}, expand_matmul_integer_to_float},
      {{runtime, "QLinearAdd"}, expand_qlinear_binary},
      {{runtime, "QLinearMul"}, expand_qlinear_binary},
      {{runtime, "QLinearSigmoid"}, expand_qlinear_unary},
      {{runtime, "QLinearLeakyRelu"}, expand_qlinear_unary},
      {{runtime, "QLinearAveragePool"}, expand_qlinear_unary},
      {{runtime, "QLinearGlobalAveragePool"}, expand_qlinear_unary},
      {{runtime, "QLinearReduceMean"}, expand_qlinear_unary},
      {{runtime, "QLinearConcat"}, expand_qlinear_concat},
      {{runtime, "QLinearSoftmax"}, refuse_softmax},
      {{standard, "DynamicQuantizeLinear"}, refuse_dynamic},
      {{runtime, "DynamicQuantizeMatMul"}, refuse_dynamic},
      {{runtime, "DynamicQuantizeLSTM"}, refuse_dynamic},
  };
  return table;
}

// Initialisers and nodes of Constant are the same thing from here on.
bool take_up_constants(Graph& graph) {
  std::vector<Node> left;
  for (Node& node : graph.nodes) {
    if (node.op != "Constant" || !node.domain.empty() || node.outputs.size() != 1) {
      left.push_back(std::move(node));
      continue;
    }
    auto values = at_node(graph, node, [&] { return find_evaluator("Constant")(NodeView(graph, node)); });
    graph.constants[node.outputs[0]] = std::move(values.at(0));
  }
  const bool changed = left.size() != graph.nodes.size();
  graph.nodes = std::move(left);
  return changed;
}

bool keeps_type(const std::string& op) {
  return op == "MaxPool" || op == "Reshape" || op == "Flatten" || op == "Transpose" || op == "Squeeze" ||
         op == "Unsqueeze" || op == "Concat" || op == "Slice" || op == "Pad" || op == "Identity" || op == "Clip" ||
         op == "Relu" || op == "Resize";
}

void note_type(const Graph& graph, const Node& node, CodeTypes& types) {
  if (node.outputs.empty()) return;
  if (node.op == "QuantizeLinear") {
    const Tensor* zero = node.inputs.size() > 2 ? graph.constant(node.inputs[2]) : nullptr;
    types[node.outputs[0]] = zero == nullptr ? ElementType::uint8 : zero->type;
  } else if (keeps_type(node.op) && !node.inputs.empty()) {
    if (const auto found = types.find(node.inputs[0]); found != types.end()) types[node.outputs[0]] = found->second;
  }
}

}  // namespace

std::string zero_points_like(Expansion& expansion, const std::string& scale, const std::string& zero_point) {
  const Tensor* scales = expansion.graph.constant(scale);
  const Tensor* zero = zero_point.empty() ? nullptr : expansion.graph.constant(zero_point);
  if (scales == nullptr || zero == nullptr || zero->size() != 1 || scales->size() == 1) return zero_point;
  const std::vector<std::int64_t> all(static_cast<std::size_t>(scales->size()), zero->integer(0));
  return add_constant(expansion.graph, zero_point + "_by_channel", Tensor::of_integers(zero->type, scales->shape, all));
}

ElementType code_type(const Expansion& expansion, const CodeTypes& types, std::size_t codes, std::size_t zero_point) {
  if (expansion.has(zero_point))
    if (const Tensor* zero = expansion.graph.constant(expansion.node.inputs[zero_point])) return zero->type;
  const auto found = types.find(expansion.node.inputs.at(codes));
  return found == types.end() ? ElementType::uint8 : found->second;
}

bool expand_quantized_operators(Graph& graph) {
  bool changed = take_up_constants(graph);
  CodeTypes types;
  for (const Port& port : graph.inputs) types[port.name] = port.type;
  std::vector<Node> result;
  const std::vector<Node> originals = graph.nodes;  // names are looked for in the graph while it is rewritten
  for (const Node& node : originals) {
    const auto found = expansions().find({node.domain, node.op});
    if (found == expansions().end()) {
      note_type(graph, node, types);
      result.push_back(node);
      continue;
    }
    Expansion expansion(graph, node);
    found->second(expansion, types);
    for (Node& part : expansion.nodes) {
      note_type(graph, part, types);
      result.push_back(std::move(part));
    }
    changed = true;
  }
  graph.nodes = std::move(result);
  if (changed) sort_topologically(graph);
  return changed;
}

}  // namespace northpole::network
