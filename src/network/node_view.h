// A node together with what is known of its inputs: what shape inference, folding and normalisation ask about.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "network/error.h"
#include "network/graph.h"

namespace northpole::network {

class NodeView {
 public:
  // graph.values must hold the node's inputs.
  NodeView(const Graph& graph, const Node& node) : graph(graph), node(node) {}

  const Graph& graph;
  const Node& node;

  bool has_input(std::size_t index) const { return index < node.inputs.size() && !node.inputs[index].empty(); }
  // Fails when the input is left out.
  const Port& input(std::size_t index) const;
  const Shape& shape(std::size_t index) const { return input(index).shape; }
  std::int64_t rank(std::size_t index) const { return static_cast<std::int64_t>(shape(index).size()); }
  // Nothing when left out or not constant.
  const Tensor* constant(std::size_t index) const;
  // A parameter that some opsets pass as an attribute and others as a constant input. Nothing when left out;
  // fails when the input is not constant, because then nothing can be planned ahead.
  std::optional<std::vector<std::int64_t>> integers(const std::string& attribute, std::size_t index) const;
  std::optional<float> real(const std::string& attribute, std::size_t index) const;
  // -rank..rank-1 to 0..rank-1; fails outside.
  std::int64_t resolved_axis(std::int64_t axis, std::int64_t rank) const;
  std::vector<std::int64_t> resolved_axes(std::vector<std::int64_t> axes, std::int64_t rank) const;

  // Throws Error with the place of this node before the message.
  [[noreturn]] void fail(const std::string& message) const;
};

// The message with file and node in front, unless it names them already.
std::string with_place(const Graph& graph, const Node& node, const std::string& message);

// Runs the action; an Error without the node's place in it gets it.
template <typename Action>
auto at_node(const Graph& graph, const Node& node, Action&& action) {
  try {
    return action();
  } catch (const Error& error) {
    throw Error(with_place(graph, node, error.what()));
  }
}

}  // namespace northpole::network
