#include "reference/float_interpreter.h"

#include <fmt/format.h>

#include "network/error.h"

namespace northpole::reference {

using network::Tensor;

void check_inputs(const network::Graph& graph, const std::map<std::string, Tensor>& inputs) {
  for (const network::Port& port : graph.inputs) {
    auto found = inputs.find(port.name);
    if (found == inputs.end())
      throw Error(fmt::format("{}: no value for the network input '{}'", graph.source, port.name));
    const Tensor& given = found->second;
    if (given.shape == port.shape && given.type == port.type) continue;
    throw Error(fmt::format("{}: network input '{}' is {} of {}, but was given {} of {}", graph.source, port.name,
                            network::to_string(port.shape), network::element_name(port.type),
                            network::to_string(given.shape), network::element_name(given.type)));
  }
}

FloatInterpreter::FloatInterpreter(network::Graph graph) : graph_(std::move(graph)), last_reads_(graph_.nodes.size()) {
  for (const network::Node& node : graph_.nodes) operators_.push_back(make_float_operator(graph_, node));
  std::map<std::string, std::size_t> last;
  for (std::size_t i = 0; i < graph_.nodes.size(); ++i) {
    for (const std::string& input : graph_.nodes[i].inputs) last[input] = i;
  }
  for (const auto& [value, node] : last) {
    if (!graph_.is_output(value)) last_reads_[node].push_back(value);
  }
}

FloatInterpreter::Tensors FloatInterpreter::run(const Tensors& inputs, const Visitor& visit) const {
  check_inputs(graph_, inputs);
  Tensors computed;
  auto find = [&](const std::string& name) -> const Tensor* {
    if (name.empty()) return nullptr;
    if (const Tensor* constant = graph_.constant(name)) return constant;
    if (auto found = computed.find(name); found != computed.end()) return &found->second;
    return &inputs.at(name);
  };
  if (visit) {
    for (const network::Port& port : graph_.inputs) visit(port.name, inputs.at(port.name));
  }
  for (std::size_t i = 0; i < graph_.nodes.size(); ++i) {
    const network::Node& node = graph_.nodes[i];
    std::vector<const Tensor*> read;
    for (const std::string& input : node.inputs) read.push_back(find(input));
    std::vector<Tensor> written = operators_[i](read);
    for (std::size_t o = 0; o < node.outputs.size(); ++o) {
      if (node.outputs[o].empty()) continue;
      const Tensor& value = computed[node.outputs[o]] = std::move(written[o]);
      if (visit) visit(node.outputs[o], value);
    }
    for (const std::string& value : last_reads_[i]) computed.erase(value);
  }
  Tensors outputs;
  for (const network::Port& port : graph_.outputs) outputs[port.name] = *find(port.name);
  return outputs;
}

}  // namespace northpole::reference
