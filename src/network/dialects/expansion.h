// The nodes by which one node of another dialect is replaced, and names for what lies between them.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "network/graph.h"

namespace northpole::network {

class Expansion {
 public:
  // `node` must outlive this; its outputs are the outputs of what replaces it.
  Expansion(Graph& graph, const Node& node) : graph(graph), node(node) {}

  Graph& graph;
  const Node& node;
  std::vector<Node> nodes;  // so far, in topological order

  bool has(std::size_t input) const { return input < node.inputs.size() && !node.inputs[input].empty(); }
  // The name of an input that must be there; `what` says in words what is missing.
  const std::string& required(std::size_t input, const char* what) const;
  // The same, or "" where it is left out.
  std::string optional(std::size_t input) const { return has(input) ? node.inputs[input] : std::string(); }
  // A constant that must be there and float or integer numbers; fails otherwise.
  const Tensor& constant(std::size_t input, const char* what) const;

  // The real values of codes: value (codes), scale and zero point are names, the zero point may be "".
  std::string real(const std::string& codes, const std::string& scale, const std::string& zero_point,
                   std::int64_t axis);
  // An operator; gives the name of its output.
  std::string add(const std::string& op, std::vector<std::string> inputs, std::map<std::string, Attribute> attributes);
  // The same, and its output is the node's own.
  void finish(const std::string& op, std::vector<std::string> inputs, std::map<std::string, Attribute> attributes);
  // The codes of real values, as the node's output. Without a zero point the codes are of the given type.
  void finish_codes(const std::string& real, const std::string& scale, const std::string& zero_point,
                    ElementType otherwise);

  [[noreturn]] void fail(const std::string& message) const;

 private:
  std::string fresh(const std::string& what);
  void check_constant(const std::string& value, const char* what) const;
};

}  // namespace northpole::network
