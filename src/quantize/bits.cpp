#include "quantize/bits.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "network/error.h"
#include "quantize/weights.h"

namespace northpole::quantize {
namespace {

using network::Graph;
using network::Node;

void check(const LayerBits& bits, const std::string& place) {
  for (const int width : {bits.weights, bits.activations}) {
    if (width != 8 && width != 4 && width != 2)
      throw Error(fmt::format("{}: {} bits are not supported; use 8, 4 or 2", place, width));
  }
  if (bits.weights > bits.activations)
    throw Error(
        fmt::format("{}: weights of {} bits are wider than its activations of {}; the machine multiplies by "
                    "weights that are at most as wide",
                    place, bits.weights, bits.activations));
}

// Layers with weights that see the network's input with no other such layer between.
std::set<std::string> first_layers(const Graph& graph) {
  std::set<std::string> layers, raw;  // raw: values that no weights have touched
  for (const network::Port& port : graph.inputs) raw.insert(port.name);
  for (const Node& node : graph.nodes) {
    if (std::none_of(node.inputs.begin(), node.inputs.end(), [&](const auto& input) { return raw.count(input) != 0; }))
      continue;
    if (has_weights(node))
      layers.insert(node.name);
    else
      raw.insert(node.outputs.begin(), node.outputs.end());
  }
  return layers;
}

// Layers with weights whose results leave the network with no other such layer between.
std::set<std::string> last_layers(const Graph& graph) {
  std::set<std::string> layers, leaving;
  for (const network::Port& port : graph.outputs) leaving.insert(port.name);
  for (auto node = graph.nodes.rbegin(); node != graph.nodes.rend(); ++node) {
    if (std::none_of(node->outputs.begin(), node->outputs.end(),
                     [&](const auto& output) { return leaving.count(output) != 0; }))
      continue;
    if (has_weights(*node))
      layers.insert(node->name);
    else
      leaving.insert(node->inputs.begin(), node->inputs.end());
  }
  return layers;
}

bool is_elementwise(const Node& node) {
  static const std::set<std::string> known = {"Add", "Sub", "Mul", "LeakyRelu", "Sigmoid", "HardSigmoid", "HardSwish"};
  return known.count(node.op) != 0;
}

// The node that computes the value, before the clamps behind it; nothing for a network input.
const Node* maker_of(const Graph& graph, const Points& points, const std::string& value) {
  const auto producer = graph.producer(value);
  if (!producer) return nullptr;
  const Node& node = graph.nodes[*producer];
  const bool clamps = (node.op == "Relu" || node.op == "Clip") && !points.quantized(node.inputs[0]);
  return clamps ? maker_of(graph, points, node.inputs[0]) : &node;
}

// The input of an element-wise node that goes straight from a layer with weights through the node; empty if none does.
std::string passing_input(const Graph& graph, const Points& points, const Node& node) {
  if (!is_elementwise(node)) return {};
  const network::Shape& shape = graph.values.at(node.outputs[0]).shape;
  std::string latest;
  const Node* maker_of_latest = nullptr;
  for (std::size_t i = 0; i < node.inputs.size(); ++i) {
    const std::string& input = node.inputs[i];
    if (points.quantized(input) && graph.values.at(input).shape != shape) return {};  // one position for all
    if (i == 1 && node.op == "Mul") break;  // a product is scaled on its first side
    if (!points.quantized(input) || graph.is_output(input) || graph.consumers(input).size() != 1) continue;
    if (points.groups[points.group_of.at(input)].members.size() != 1) continue;
    const Node* maker = maker_of(graph, points, input);
    if (maker == nullptr || !has_weights(*maker)) continue;
    if (maker_of_latest != nullptr && maker < maker_of_latest) continue;  // nodes stand in the order of their work
    latest = input;
    maker_of_latest = maker;
  }
  return latest;
}

void check_names(const Graph& graph, const BitChoice& choice) {
  for (const auto& [name, bits] : choice.layers) {
    check(bits, fmt::format("layer '{}'", name));
    const bool known = std::any_of(graph.nodes.begin(), graph.nodes.end(),
                                   [&](const Node& node) { return node.name == name && has_weights(node); });
    if (!known) throw Error(fmt::format("{}: there is no layer with weights called '{}'", graph.source, name));
  }
}

}  // namespace

BitChoice bit_choice(std::string_view name) {
  if (name == "8") return {};
  if (name == "4") return {{4, 4}, {4, 4}, 8, 8, {}};
  if (name == "2") return {{2, 2}, {2, 2}, 8, 8, {}};
  if (name == "mixed") return {{4, 4}, {8, 8}, 8, 8, {}};
  throw Error(fmt::format("unknown bits '{:.60}': use 8, 4, 2 or mixed", name));
}

std::set<std::string> first_and_last_layers(const Graph& graph) {
  std::set<std::string> layers = first_layers(graph);
  layers.merge(last_layers(graph));
  return layers;
}

BitPlan plan_bits(const Graph& graph, const Points& points, const BitChoice& choice) {
  check(choice.inner, "layers");
  check(choice.outer, "first and last layers");
  check({choice.ends, choice.ends}, "the network's input and outputs");
  check({choice.passing, choice.passing}, "passing results");
  check_names(graph, choice);
  const std::set<std::string> outer = first_and_last_layers(graph);

  BitPlan plan;
  plan.groups.assign(points.groups.size(), 2);
  std::vector<bool> wanted(points.groups.size(), false);
  const auto want = [&](const std::string& value, int bits) {
    if (!points.quantized(value)) return;
    const std::size_t group = points.group_of.at(value);
    plan.groups[group] = std::max(plan.groups[group], bits);
    wanted[group] = true;
  };
  for (const Node& node : graph.nodes) {
    if (has_weights(node)) {
      const auto named = choice.layers.find(node.name);
      const LayerBits& bits = named != choice.layers.end()  ? named->second
                              : outer.count(node.name) != 0 ? choice.outer
                                                            : choice.inner;
      plan.weights[node.name] = bits.weights;
      want(node.inputs[0], bits.activations);
    } else if (const std::string passing = passing_input(graph, points, node); !passing.empty()) {
      want(passing, choice.passing);
    } else if (!node.outputs.empty() && points.host.count(node.outputs[0]) != 0) {
      for (const std::string& input : node.inputs) want(input, choice.ends);
    }
  }
  for (const network::Port& port : graph.inputs) want(port.name, choice.ends);
  for (const network::Port& port : graph.outputs) want(port.name, choice.ends);
  for (std::size_t group = 0; group < wanted.size(); ++group) {
    if (!wanted[group]) plan.groups[group] = choice.inner.activations;
  }
  return plan;
}

}  // namespace northpole::quantize
