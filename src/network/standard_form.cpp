// From normal form back to what the operator standard writes: parameters that are inputs there become constants.
#include <algorithm>

#include "network/add_constant.h"
#include "network/error.h"
#include "network/normal_form.h"

namespace northpole::network {
namespace {

constexpr std::int64_t first_converted_opset = 13;

class Standardizer {
 public:
  explicit Standardizer(Graph& graph) : graph_(graph) {}

  void convert(Node& node) {
    if (!node.domain.empty()) return;
    if (node.op == "Reshape") move_integers(node, {"shape"});
    if (node.op == "Squeeze" || node.op == "Unsqueeze") move_integers(node, {"axes"});
    if (node.op == "Split") move_integers(node, {"split"});
    if (node.op == "Slice") move_integers(node, {"starts", "ends", "axes", "steps"});
    if (node.op == "ReduceMean" && graph_.opset >= 18) move_integers(node, {"axes"});
    if (node.op == "Clip") move_bounds(node);
    if (node.op == "Pad") move_padding(node);
    if (node.op == "Resize") move_resize(node);
    if (node.op == "AveragePool" && graph_.opset < 19) node.attributes.erase("dilations");
    if (node.op == "DequantizeLinear") drop_wide_zero_point(node);
  }

 private:
  std::string constant(const Node& node, const std::string& what, Tensor tensor) {
    return add_constant(graph_, node.name + "_" + what, std::move(tensor));
  }

  std::string integers(const Node& node, const std::string& what) {
    const auto values = node.integers(what, {});
    return constant(node, what,
                    Tensor::of_integers(ElementType::int64, {static_cast<std::int64_t>(values.size())}, values));
  }

  // Attributes to the inputs from the second on, in this order. A node that has them as inputs already stays.
  void move_integers(Node& node, const std::vector<std::string>& names) {
    if (node.inputs.size() != 1) return;
    for (const std::string& name : names) {
      if (!node.has(name)) continue;
      node.inputs.push_back(integers(node, name));
      node.attributes.erase(name);
    }
  }

  void move_bounds(Node& node) {
    if (node.inputs.size() != 1) return;
    for (const char* bound : {"min", "max"})
      node.inputs.push_back(node.has(bound) ? constant(node, bound, Tensor::of_floats({}, {node.real(bound, 0)})) : "");
    while (node.inputs.back().empty() && node.inputs.size() > 1) node.inputs.pop_back();
    node.attributes.erase("min");
    node.attributes.erase("max");
  }

  void move_padding(Node& node) {
    if (node.inputs.size() != 1 || !node.has("pads")) return;
    const float value = node.real("value", 0);
    node.inputs = {node.inputs[0], integers(node, "pads"),
                   value == 0 ? "" : constant(node, "value", Tensor::of_floats({}, {value}))};
    if (node.inputs.back().empty()) node.inputs.pop_back();
    node.attributes = {{"mode", std::string("constant")}};
  }

  void move_resize(Node& node) {
    node.attributes.erase("height_index");
    node.attributes.erase("width_index");
    if (node.inputs.size() != 1) return;
    if (node.has("sizes")) {
      node.inputs = {node.inputs[0], "", "", integers(node, "sizes")};
    } else if (node.has("scales")) {
      const auto* scales = std::get_if<std::vector<float>>(&node.attributes.at("scales"));
      if (scales == nullptr) throw Error(place(graph_, node) + "its scales must be floats");
      node.inputs = {node.inputs[0], "",
                     constant(node, "scales", Tensor::of_floats({static_cast<std::int64_t>(scales->size())}, *scales))};
    }
    node.attributes.erase("sizes");
    node.attributes.erase("scales");
  }

  // Runtimes refuse a zero point for int32, because it is always 0.
  void drop_wide_zero_point(Node& node) {
    const Tensor* zero_point = node.inputs.size() == 3 ? graph_.constant(node.inputs[2]) : nullptr;
    if (zero_point == nullptr || zero_point->type != ElementType::int32) return;
    for (std::int64_t i = 0; i < zero_point->size(); ++i)
      if (zero_point->integer(i) != 0) return;
    node.inputs.pop_back();
  }

  Graph& graph_;
};

// The first opset that knows the element type at all.
std::int64_t opset_of(ElementType type) {
  const int bits = element_bits(type);
  return bits == 2 ? 25 : bits == 4 ? 21 : 0;
}

// The first opset that has it in QuantizeLinear and DequantizeLinear.
std::int64_t opset_of_quantization(ElementType type) {
  return type == ElementType::int16 || type == ElementType::uint16 ? 21 : opset_of(type);
}

std::int64_t needed_opset(const Graph& graph) {
  std::int64_t opset = graph.opset;
  const auto need = [&opset](std::int64_t other) { opset = std::max(opset, other); };
  for (const auto& [name, tensor] : graph.constants) need(opset_of(tensor.type));
  for (const auto* ports : {&graph.inputs, &graph.outputs})
    for (const Port& port : *ports) need(opset_of(port.type));
  for (const Node& node : graph.nodes) {
    const bool quantization = node.op == "QuantizeLinear" || node.op == "DequantizeLinear";
    for (const std::string& input : node.inputs)
      if (const Tensor* tensor = quantization ? graph.constant(input) : nullptr)
        need(opset_of_quantization(tensor->type));
    const auto dilations = node.op == "AveragePool" ? node.integers("dilations", {}) : std::vector<std::int64_t>{};
    if (std::any_of(dilations.begin(), dilations.end(), [](std::int64_t step) { return step != 1; })) need(19);
  }
  return opset;
}

}  // namespace

Graph standard_form(Graph graph) {
  if (graph.opset < first_converted_opset) return graph;  // as a reader made it; its attributes are standard there
  graph.opset = needed_opset(graph);
  Standardizer standardizer(graph);
  for (std::size_t i = 0; i < graph.nodes.size(); ++i) {
    Node node = graph.nodes[i];
    standardizer.convert(node);
    graph.nodes[i] = std::move(node);
  }
  // Zero points that were dropped may leave constants that nobody reads.
  std::erase_if(graph.constants, [&](const auto& entry) {
    return graph.consumers(entry.first).empty() && !graph.is_output(entry.first);
  });
  return graph;
}

}  // namespace northpole::network
