// Pairs where a dialect has none because nothing is rounded there: behind the maximum of codes, behind sums of codes of
// one scale. And weights that are moved between their quantizer and their layer.
#include <algorithm>

#include "network/add_constant.h"
#include "network/dialects/import_quantizers.h"
#include "network/dialects/real_values.h"
#include "network/evaluate.h"
#include "network/parameters.h"

namespace northpole::network {
namespace {

// A value that is (code - zero_point) scale with integer codes, although no QuantizeLinear made it.
struct ExactCodes {
  float scale = 1;
  std::int64_t zero_point = 0, lowest = 0, highest = 0;
};

std::optional<ExactCodes> exact_codes(const Graph& graph, const std::string& value) {
  if (const auto codes = codes_of_activation(graph, value))
    return ExactCodes{codes->scale, codes->zero_point, lowest_code(codes->type), highest_code(codes->type)};
  const auto producer = graph.producer(value);
  if (!producer || !graph.nodes[*producer].domain.empty()) return std::nullopt;
  const Node& node = graph.nodes[*producer];
  if (node.op == "MaxPool" || node.op == "Relu") {
    auto codes = exact_codes(graph, node.inputs.at(0));
    if (codes && node.op == "Relu") codes->lowest = std::max(codes->lowest, codes->zero_point);
    return codes;
  }
  if (node.op != "Add") return std::nullopt;
  const auto a = exact_codes(graph, node.inputs.at(0)), b = exact_codes(graph, node.inputs.at(1));
  if (!a || !b || a->scale != b->scale) return std::nullopt;
  const std::int64_t zero = a->zero_point + b->zero_point;
  return ExactCodes{a->scale, 0, a->lowest + b->lowest - zero, a->highest + b->highest - zero};
}

// Whether a QuantizeLinear stands behind, and nothing but clamps between; `or_quantizer`: or one of another dialect.
bool is_quantized_behind(const Graph& graph, const std::string& value, bool or_quantizer) {
  if (graph.is_output(value)) return false;
  const auto readers = graph.consumers(value);
  return !readers.empty() && std::all_of(readers.begin(), readers.end(), [&](std::size_t reader) {
    const Node& node = graph.nodes[reader];
    if (node.domain.empty() && (node.op == "Relu" || node.op == "Clip"))
      return is_quantized_behind(graph, node.outputs.at(0), or_quantizer);
    return node.op == "QuantizeLinear" || (or_quantizer && is_quantizer(node));
  });
}

bool fits(const ExactCodes& codes) {
  return codes.lowest >= -128 && codes.highest <= (codes.lowest < 0 ? 127 : 255) && codes.zero_point <= 255;
}

}  // namespace

std::vector<Node> with_exact_pair(Graph& graph, const Node& node) {
  if (!node.domain.empty() || (node.op != "MaxPool" && node.op != "Relu" && node.op != "Add")) return {};
  const std::string& output = node.outputs.at(0);
  const auto codes = exact_codes(graph, output);
  if (!codes || !fits(*codes) || is_quantized_behind(graph, output, node.op == "Relu")) return {};
  const NodeView view(graph, node);
  const ElementType type = type_of_codes(view, codes->lowest, codes->highest, codes->zero_point);
  const std::string scale = add_constant(graph, output + "_scale", Tensor::of_floats({}, {codes->scale}));
  const std::string zero =
      add_constant(graph, output + "_zero_point", Tensor::of_integers(type, {}, {codes->zero_point}));
  const Port port = graph.values.at(output);
  const std::string real = add_value(graph, output + "_real", port);
  const std::string quantized = add_value(graph, output + "_codes", {"", type, port.shape});
  Node same = node;
  same.outputs[0] = real;
  return {same,
          {node.name + "_quantize", "QuantizeLinear", "", {real, scale, zero}, {quantized}, {}},
          {node.name + "_dequantize", "DequantizeLinear", "", {quantized, scale, zero}, {output}, {}}};
}

std::vector<Node> moved_weights(Graph& graph, const Node& node) {
  if (node.op != "Transpose" && node.op != "Reshape" && node.op != "Flatten" && node.op != "Squeeze" &&
      node.op != "Unsqueeze")
    return {};
  const auto constant = integer_constant_of(graph, node.inputs.at(0));
  if (!constant || (constant->scales.size() > 1 && node.op != "Transpose")) return {};
  const Node& before = graph.nodes[*graph.producer(node.inputs[0])];
  Node move = node;
  move.inputs[0] = before.inputs[0];
  Tensor codes = find_evaluator(node.op)(NodeView(graph, move)).at(0);
  Node result{node.name, "DequantizeLinear", "", before.inputs, node.outputs, {}};
  if (constant->scales.size() > 1) {
    const auto order = permutation_of(NodeView(graph, move));
    result.attributes["axis"] = std::int64_t{std::find(order.begin(), order.end(), constant->axis) - order.begin()};
  }
  result.inputs[0] = add_constant(graph, node.outputs.at(0) + "_codes", std::move(codes));
  return {result};
}

}  // namespace northpole::network
