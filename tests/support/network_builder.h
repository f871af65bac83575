// Small networks written down node by node.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "network/graph.h"

namespace northpole::network {

class NetworkBuilder {
 public:
  using Attributes = std::map<std::string, Attribute>;
  using Names = std::vector<std::string>;
  Graph graph;

  NetworkBuilder() = default;
  explicit NetworkBuilder(std::int64_t opset) { graph.opset = opset; }

  NetworkBuilder& input(const std::string& name, Shape shape) {
    graph.inputs.push_back({name, ElementType::float32, std::move(shape)});
    return *this;
  }
  NetworkBuilder& constant(const std::string& name, Tensor tensor) {
    graph.constants[name] = std::move(tensor);
    return *this;
  }
  NetworkBuilder& floats(const std::string& name, Shape shape, const std::vector<float>& values) {
    return constant(name, Tensor::of_floats(std::move(shape), values));
  }
  // Weights of the given shape, counting 1, 2, 3 ...
  NetworkBuilder& counting(const std::string& name, const Shape& shape) {
    std::vector<float> values(static_cast<std::size_t>(element_count(shape)));
    for (std::size_t i = 0; i < values.size(); ++i) values[i] = static_cast<float>(i + 1);
    return floats(name, shape, values);
  }
  NetworkBuilder& integers(const std::string& name, const std::vector<std::int64_t>& values) {
    return constant(name, Tensor::of_integers(ElementType::int64, {static_cast<std::int64_t>(values.size())}, values));
  }
  NetworkBuilder& node(const std::string& op, Names inputs, Names outputs, Attributes attributes = {}) {
    graph.nodes.push_back({outputs.front(), op, "", std::move(inputs), std::move(outputs), std::move(attributes)});
    return *this;
  }
  NetworkBuilder& output(const std::string& name) {
    graph.outputs.push_back({name, ElementType::float32, {}});
    return *this;
  }
};

inline std::vector<std::string> operators_of(const Graph& graph) {
  std::vector<std::string> names;
  for (const Node& node : graph.nodes) names.push_back(node.op);
  return names;
}

inline const Node& node_of(const Graph& graph, const std::string& op) {
  for (const Node& node : graph.nodes)
    if (node.op == op) return node;
  throw std::runtime_error("no " + op);
}

using Ints = std::vector<std::int64_t>;

}  // namespace northpole::network
