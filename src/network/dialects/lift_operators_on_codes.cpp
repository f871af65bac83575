#include <algorithm>
#include <cmath>
#include <optional>

#include "network/add_constant.h"
#include "network/dialects/dialects.h"
#include "network/element_number.h"
#include "network/evaluate.h"
#include "network/node_view.h"

namespace northpole::network {
namespace {

bool works_on_codes(const Graph& graph, const Node& node) {
  if (!node.domain.empty() || (node.op != "MaxPool" && node.op != "Clip" && node.op != "Relu")) return false;
  // Constants are quantized first.
  const auto producer = graph.producer(node.inputs.at(0));
  if (producer && graph.nodes[*producer].op == "QuantizeLinear" && graph.constant(graph.nodes[*producer].inputs.at(0)))
    return false;
  const auto found = graph.values.find(node.inputs.at(0));
  return found != graph.values.end() && is_quantized_type(found->second.type);
}

// The QuantizeLinear of one scale that makes the codes, perhaps behind operators that only move them.
const Node* maker_of(const Graph& graph, std::string codes) {
  while (const auto producer = graph.producer(codes)) {
    const Node& node = graph.nodes[*producer];
    if (node.op == "QuantizeLinear") return &node;
    if (node.inputs.empty() ||
        (node.op != "MaxPool" && node.op != "Clip" && node.op != "Relu" && node.op != "Reshape" &&
         node.op != "Flatten" && node.op != "Transpose" && node.op != "Slice" && node.op != "Split"))
      return nullptr;
    codes = node.inputs[0];
  }
  return nullptr;
}

struct Codes {
  float scale = 1;
  std::int64_t zero_point = 0;
};

// What the codes stand for; for want of anything, the numbers that they are: only their order matters here.
Codes meaning_of(const Graph& graph, const std::string& codes) {
  const Node* maker = maker_of(graph, codes);
  if (maker == nullptr) return {};
  const Tensor* scale = graph.constant(maker->inputs.at(1));
  const Tensor* zero = maker->inputs.size() > 2 ? graph.constant(maker->inputs[2]) : nullptr;
  if (scale == nullptr || scale->size() != 1 || (zero != nullptr && zero->size() != 1)) return {};
  return {static_cast<float>(scale->number(0)), zero == nullptr ? 0 : zero->integer(0)};
}

struct Range {
  std::int64_t lowest, highest;
};

Range range_left(const NodeView& view) {
  const ElementType type = view.input(0).type;
  Range range{lowest_code(type), highest_code(type)};
  if (view.node.op == "Relu")
    return {std::max<std::int64_t>(range.lowest, 0), std::max<std::int64_t>(range.highest, 0)};
  // Inputs, or attributes once the node is in normal form; codes are exact as floats.
  if (const auto low = view.real("min", 1))
    range.lowest = std::max(range.lowest, static_cast<std::int64_t>(std::clamp(std::ceil(*low), -1024.0F, 1024.0F)));
  if (const auto high = view.real("max", 2))
    range.highest =
        std::min(range.highest, static_cast<std::int64_t>(std::clamp(std::floor(*high), -1024.0F, 1024.0F)));
  if (range.lowest > range.highest) view.fail("its min is larger than its max");
  return range;
}

// The narrowest type that has all these codes; of the same signedness, if both have them.
ElementType type_of(Range range, ElementType before) {
  const bool was_signed = lowest_code(before) < 0;
  for (const int bits : {2, 4, 8})
    for (const bool is_signed : {was_signed, !was_signed}) {
      const ElementType type = quantized_type(bits, is_signed);
      if (lowest_code(type) <= range.lowest && range.highest <= highest_code(type)) return type;
    }
  return before;
}

// The DequantizeLinears that read the codes, if nobody else does and each has one zero point; else nothing.
std::optional<std::vector<std::size_t>> readers_of(const Graph& graph, const std::string& codes, Range& range) {
  if (graph.is_output(codes)) return std::nullopt;
  const auto readers = graph.consumers(codes);
  for (const std::size_t reader : readers) {
    const Node& node = graph.nodes[reader];
    const Tensor* zero = node.inputs.size() > 2 ? graph.constant(node.inputs[2]) : nullptr;
    if (node.op != "DequantizeLinear" || zero == nullptr || zero->size() != 1) return std::nullopt;
    range.lowest = std::min(range.lowest, zero->integer(0));
    range.highest = std::max(range.highest, zero->integer(0));
  }
  return readers;
}

void clip_constant(Graph& graph, const NodeView& view) {
  const Range range = range_left(view);
  Tensor result = *view.constant(0);
  for (std::int64_t i = 0; i < result.size(); ++i)
    set_element(result, i, std::clamp(result.integer(i), range.lowest, range.highest));
  graph.constants[view.node.outputs[0]] = std::move(result);
}

// The operator on real values, its pairs around it; readers of the codes may get another type.
std::vector<Node> lifted(Graph& graph, const Node& node) {
  const NodeView view(graph, node);
  const Port codes = view.input(0);
  const Codes meaning = meaning_of(graph, node.inputs[0]);
  const std::string scale = add_constant(graph, node.name + "_scale", Tensor::of_floats({}, {meaning.scale}));
  const auto zero_point = [&](ElementType type, std::int64_t value) {
    return add_constant(graph, node.name + "_zero_point", Tensor::of_integers(type, {}, {value}));
  };
  ElementType type = codes.type;
  Range range{lowest_code(type), highest_code(type)};
  Node inner = node;
  if (node.op != "MaxPool") {
    range = range_left(view);
    inner = Node{node.name, "Clip", "", {}, {}, {}};
    inner.attributes["min"] = static_cast<float>(range.lowest - meaning.zero_point) * meaning.scale;
    inner.attributes["max"] = static_cast<float>(range.highest - meaning.zero_point) * meaning.scale;
    Range needed{std::min(range.lowest, meaning.zero_point), std::max(range.highest, meaning.zero_point)};
    if (const auto readers = readers_of(graph, node.outputs[0], needed)) {
      type = type_of(needed, type);
      for (const std::size_t reader : *readers) {
        std::string& zero = graph.nodes[reader].inputs[2];
        zero = zero_point(type, graph.constant(zero)->integer(0));
      }
    }
  }
  Port real = codes;
  real.type = ElementType::float32;
  std::vector<Node> nodes;
  const auto producer = graph.producer(node.inputs[0]);
  if (node.op != "MaxPool" && producer && graph.nodes[*producer].op == "QuantizeLinear" &&
      maker_of(graph, node.inputs[0]) == &graph.nodes[*producer]) {
    inner.inputs = {graph.nodes[*producer].inputs[0]};  // narrowed before it is rounded, which is the same
  } else {
    const std::string value = add_value(graph, node.inputs[0] + "_real", real);
    nodes.push_back({node.name + "_input",
                     "DequantizeLinear",
                     "",
                     {node.inputs[0], scale, zero_point(codes.type, meaning.zero_point)},
                     {value},
                     {}});
    inner.inputs = {value};
  }
  real.shape = graph.values.at(node.outputs[0]).shape;
  std::string result = inner.inputs[0];
  // A type of just these codes narrows by itself.
  if (inner.op == "MaxPool" || range.lowest > lowest_code(type) || range.highest < highest_code(type)) {
    result = add_value(graph, node.outputs[0] + "_real", real);
    inner.outputs = {result};
    nodes.push_back(std::move(inner));
  }
  nodes.push_back({node.name + "_output",
                   "QuantizeLinear",
                   "",
                   {result, scale, zero_point(type, meaning.zero_point)},
                   {node.outputs[0]},
                   {}});
  graph.values[node.outputs[0]].type = type;
  return nodes;
}

}  // namespace

bool lift_operators_on_codes(Graph& graph) {
  for (std::size_t i = 0; i < graph.nodes.size(); ++i) {
    const Node node = graph.nodes[i];
    if (!works_on_codes(graph, node)) continue;
    at_node(graph, node, [&] {
      const bool is_constant = graph.constant(node.inputs[0]) != nullptr;
      if (is_constant && node.op == "MaxPool") throw Error("its input is constant");
      std::vector<Node> nodes;
      if (is_constant)
        clip_constant(graph, NodeView(graph, node));
      else
        nodes = lifted(graph, node);
      const auto place = graph.nodes.begin() + static_cast<std::ptrdiff_t>(i);
      graph.nodes.insert(graph.nodes.erase(place), nodes.begin(), nodes.end());
    });
    return true;
  }
  return false;
}

}  // namespace northpole::network
