#include "network/dialects/expansion.h"

#include "network/add_constant.h"
#include "network/error.h"
#include "network/topology.h"

namespace northpole::network {

void Expansion::fail(const std::string& message) const { throw Error(place(graph, node) + message); }

const std::string& Expansion::required(std::size_t input, const char* what) const {
  if (!has(input)) fail(std::string("its ") + what + " is missing");
  return node.inputs[input];
}

const Tensor& Expansion::constant(std::size_t input, const char* what) const {
  const Tensor* tensor = graph.constant(required(input, what));
  if (tensor == nullptr) fail(std::string("its ") + what + " must be constant");
  return *tensor;
}

// Of the names that end like this, the numbers keep them apart; nothing else in a graph is looked at node by node.
std::string Expansion::fresh(const std::string& what) {
  std::string name = (node.outputs.empty() ? node.name : node.outputs[0]) + "_" + what;
  if (!nodes.empty()) name += "_" + std::to_string(nodes.size());
  name = fresh_value_name(graph, name);
  graph.values[name] = {name, ElementType::float32, {}};  // taken; shapes are worked out afresh later
  return name;
}

// What a runtime takes with every run is no parameter here.
void Expansion::check_constant(const std::string& value, const char* what) const {
  for (const Port& port : graph.inputs)
    if (port.name == value) fail(std::string("its ") + what + " must be constant, not an input of the network");
}

std::string Expansion::real(const std::string& codes, const std::string& scale, const std::string& zero_point,
                            std::int64_t axis) {
  check_constant(scale, "scale");
  check_constant(zero_point, "zero point");
  std::vector<std::string> inputs{codes, scale};
  if (!zero_point.empty()) inputs.push_back(zero_point);
  return add("DequantizeLinear", std::move(inputs), {{"axis", axis}});
}

std::string Expansion::add(const std::string& op, std::vector<std::string> inputs,
                           std::map<std::string, Attribute> attributes) {
  const std::string output = fresh(op);
  nodes.push_back({node.name + "_" + op + "_" + std::to_string(nodes.size()),
                   op,
                   "",
                   std::move(inputs),
                   {output},
                   std::move(attributes)});
  return output;
}

void Expansion::finish(const std::string& op, std::vector<std::string> inputs,
                       std::map<std::string, Attribute> attributes) {
  nodes.push_back({node.name, op, "", std::move(inputs), {node.outputs.at(0)}, std::move(attributes)});
}

void Expansion::finish_codes(const std::string& real, const std::string& scale, const std::string& zero_point,
                             ElementType otherwise) {
  check_constant(scale, "output scale");
  check_constant(zero_point, "output zero point");
  const std::string zero = zero_point.empty()
                               ? add_constant(graph, node.outputs.at(0) + "_zero_point", Tensor::zeros(otherwise, {}))
                               : zero_point;
  // The operator is named as the file names it; the pairs around it are only its meaning.
  if (!nodes.empty() && nodes.back().op != "DequantizeLinear") nodes.back().name = node.name;
  nodes.push_back({node.name + "_output", "QuantizeLinear", "", {real, scale, zero}, {node.outputs.at(0)}, {}});
}

}  // namespace northpole::network
