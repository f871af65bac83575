#include "network/node_view.h"

#include <algorithm>

#include "network/text.h"

namespace northpole::network {
namespace {

// The one number behind a DequantizeLinear of a constant: some quantizers pass even a padding value through one.
std::optional<float> dequantized_number(const Graph& graph, const std::string& value) {
  const auto producer = graph.producer(value);
  if (!producer || graph.nodes[*producer].op != "DequantizeLinear") return std::nullopt;
  const Node& node = graph.nodes[*producer];
  const Tensor* parts[3] = {};
  for (std::size_t i = 0; i < node.inputs.size() && i < 3; ++i) {
    parts[i] = graph.constant(node.inputs[i]);
    if (!node.inputs[i].empty() && (parts[i] == nullptr || parts[i]->size() != 1)) return std::nullopt;
  }
  if (parts[0] == nullptr || parts[1] == nullptr) return std::nullopt;
  const std::int64_t zero_point = parts[2] == nullptr ? 0 : parts[2]->integer(0);
  return static_cast<float>(parts[0]->integer(0) - zero_point) * static_cast<float>(parts[1]->number(0));
}

}  // namespace

const Port& NodeView::input(std::size_t index) const {
  if (!has_input(index)) fail("input " + std::to_string(index) + " is missing");
  const auto found = graph.values.find(node.inputs[index]);
  if (found == graph.values.end()) fail("the shape of its input " + quoted_name(node.inputs[index]) + " is not known");
  return found->second;
}

const Tensor* NodeView::constant(std::size_t index) const {
  return has_input(index) ? graph.constant(node.inputs[index]) : nullptr;
}

std::optional<std::vector<std::int64_t>> NodeView::integers(const std::string& attribute, std::size_t index) const {
  if (node.has(attribute)) return node.integers(attribute, {});
  if (!has_input(index)) return std::nullopt;
  const Tensor* tensor = constant(index);
  if (tensor == nullptr) fail("its " + attribute + " (" + quoted_name(node.inputs[index]) + ") must be constant");
  if (tensor->shape.size() > 1) fail("its " + attribute + " must be a list, not " + to_string(tensor->shape));
  std::vector<std::int64_t> values(static_cast<std::size_t>(tensor->size()));
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = tensor->integer(static_cast<std::int64_t>(i));
  return values;
}

std::optional<float> NodeView::real(const std::string& attribute, std::size_t index) const {
  if (node.has(attribute)) return node.real(attribute, 0);
  if (!has_input(index)) return std::nullopt;
  const Tensor* tensor = constant(index);
  if (tensor == nullptr) {
    if (const auto number = dequantized_number(graph, node.inputs[index])) return number;
    fail("its " + attribute + " (" + quoted_name(node.inputs[index]) + ") must be constant");
  }
  if (tensor->size() == 0) return std::nullopt;
  if (tensor->size() != 1) fail("its " + attribute + " must be one number, not " + to_string(tensor->shape));
  return static_cast<float>(tensor->number(0));
}

std::int64_t NodeView::resolved_axis(std::int64_t axis, std::int64_t rank) const {
  if (axis < -rank || axis >= rank)
    fail("axis " + std::to_string(axis) + " is outside the " + std::to_string(rank) + " axes of the tensor");
  return axis < 0 ? axis + rank : axis;
}

std::vector<std::int64_t> NodeView::resolved_axes(std::vector<std::int64_t> axes, std::int64_t rank) const {
  for (std::int64_t& axis : axes) axis = resolved_axis(axis, rank);
  auto sorted = axes;
  std::sort(sorted.begin(), sorted.end());
  if (std::adjacent_find(sorted.begin(), sorted.end()) != sorted.end()) fail("an axis is named twice");
  return axes;
}

void NodeView::fail(const std::string& message) const { throw Error(place(graph, node) + message); }

std::string with_place(const Graph& graph, const Node& node, const std::string& message) {
  const std::string described = node.described() + ": ";
  if (message.find(described) == std::string::npos) return place(graph, node) + message;
  if (graph.source.empty() || message.find(graph.source) != std::string::npos) return message;
  return graph.source + ": " + message;
}

}  // namespace northpole::network
