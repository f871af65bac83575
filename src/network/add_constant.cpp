#include "network/add_constant.h"

#include "network/topology.h"

namespace northpole::network {

std::string add_constant(Graph& graph, const std::string& stem, Tensor tensor) {
  const std::string name = fresh_value_name(graph, stem);
  graph.values[name] = {name, tensor.type, tensor.shape};
  graph.constants[name] = std::move(tensor);
  return name;
}

std::string add_value(Graph& graph, const std::string& stem, const Port& like) {
  const std::string name = fresh_value_name(graph, stem);
  graph.values[name] = {name, like.type, like.shape};
  return name;
}

}  // namespace northpole::network
