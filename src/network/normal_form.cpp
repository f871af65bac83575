#include "network/normal_form.h"

#include <map>

#include "network/normal_forms.h"

namespace northpole::network {
namespace {

std::vector<Node> without_attributes(Graph&, const Node& node) {
  Node result = node;
  result.attributes.clear();
  return {result};
}

const std::map<std::string, NormalForm>& normal_forms() {
  static const std::map<std::string, NormalForm> forms = {
      {"Conv", normal_convolution},
      {"MaxPool", normal_pool},
      {"AveragePool", normal_pool},
      {"GlobalMaxPool", normal_global_max_pool},
      {"GlobalAveragePool", without_attributes},
      {"Gemm", normal_gemm},
      {"MatMul", without_attributes},
      {"Add", normal_commutative},
      {"Mul", normal_commutative},
      {"Sub", without_attributes},
      {"Div", normal_division},
      {"Sum", normal_sum},
      {"Max", normal_limit},
      {"Min", normal_limit},
      {"Clip", normal_clip},
      {"Relu", without_attributes},
      {"Sigmoid", without_attributes},
      {"HardSwish", without_attributes},
      {"PRelu", normal_prelu},
      {"LeakyRelu", normal_leaky_relu},
      {"HardSigmoid", normal_hard_sigmoid},
      {"ReduceMean", normal_reduce_mean},
      {"Softmax", normal_softmax},
      {"ArgMax", normal_arg_max},
      {"Concat", normal_concat},
      {"Split", normal_split},
      {"Slice", normal_slice},
      {"Pad", normal_pad},
      {"Reshape", normal_reshape},
      {"Flatten", normal_reshape},
      {"Squeeze", normal_reshape},
      {"Unsqueeze", normal_reshape},
      {"Transpose", normal_transpose},
      {"Resize", normal_resize},
      {"Upsample", normal_resize},
      {"QuantizeLinear", normal_quantization},
      {"DequantizeLinear", normal_quantization},
  };
  return forms;
}

// ONNX Runtime's own quantizer writes the 4- and 16-bit forms of these under its own domain.
bool is_runtime_quantization(const Node& node) {
  return node.domain == "com.microsoft" && (node.op == "QuantizeLinear" || node.op == "DequantizeLinear");
}

struct EqualAttributes {
  template <typename A, typename B>
  bool operator()(const A& a, const B& b) const {
    if constexpr (std::is_same_v<A, Tensor> || !std::is_same_v<A, B>)
      return false;  // no normal form holds a tensor
    else
      return a == b;
  }
};

bool same(const Node& a, const Node& b) {
  if (a.op != b.op || a.domain != b.domain || a.inputs != b.inputs || a.outputs != b.outputs) return false;
  if (a.attributes.size() != b.attributes.size()) return false;
  auto other = b.attributes.begin();
  for (const auto& [name, value] : a.attributes) {
    if (name != other->first || !std::visit(EqualAttributes{}, value, other->second)) return false;
    ++other;
  }
  return true;
}

}  // namespace

Node bare(const Node& node, const std::string& op) {
  Node result{node.name, op, "", {}, node.outputs, {}};
  if (!node.inputs.empty()) result.inputs.push_back(node.inputs.front());
  return result;
}

bool normalize(Graph& graph) {
  bool changed = false;
  std::vector<Node> result;
  for (const Node& original : graph.nodes) {
    Node node = original;
    if (is_runtime_quantization(node)) node.domain.clear();
    while (!node.inputs.empty() && node.inputs.back().empty()) node.inputs.pop_back();
    const auto form = normal_forms().find(node.op);
    std::vector<Node> replacement{node};
    if (form != normal_forms().end() && node.domain.empty())
      replacement = at_node(graph, node, [&] { return form->second(graph, node); });
    changed = changed || replacement.size() != 1 || !same(original, replacement[0]);
    for (Node& part : replacement) result.push_back(std::move(part));
  }
  graph.nodes = std::move(result);
  return changed;
}

}  // namespace northpole::network
