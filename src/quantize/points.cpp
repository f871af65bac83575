#include "quantize/points.h"

#include <algorithm>

#include "reference/movement.h"

namespace northpole::quantize {
namespace {

using network::Graph;
using network::Node;

bool is_clamp(const Node& node) { return node.op == "Relu" || node.op == "Clip"; }

bool passes_values_on(const Node& node) { return reference::is_movement(node.op) || node.op == "MaxPool"; }

// True when the clamp behind the node takes the node's quantization over.
bool clamped_by_only_reader(const Graph& graph, const Node& node) {
  if (passes_values_on(node) || graph.is_output(node.outputs[0])) return false;
  const auto readers = graph.consumers(node.outputs[0]);
  return readers.size() == 1 && is_clamp(graph.nodes[readers[0]]);
}

// Whether an output of the node can be negative, given which of its inputs can.
bool never_negative(const Graph& graph, const Node& node, const std::set<std::string>& known) {
  if (node.op == "Relu" || node.op == "Sigmoid" || node.op == "HardSigmoid") return true;
  if (node.op == "Clip" && node.real("min", -1) >= 0) return true;
  if (node.op == "Pad" && node.real("value", 0) < 0) return false;
  const bool keeps = passes_values_on(node) || is_clamp(node) || node.op == "AveragePool" ||
                     node.op == "GlobalAveragePool" || node.op == "ReduceMean" || node.op == "Add" ||
                     node.op == "Mul" || node.op == "LeakyRelu";
  return keeps && std::all_of(node.inputs.begin(), node.inputs.end(), [&](const std::string& input) {
           const network::Tensor* constant = graph.constant(input);
           if (!constant) return known.count(input) != 0;
           for (std::int64_t i = 0; i < constant->size(); ++i) {
             if (constant->number(i) < 0) return false;
           }
           return true;
         });
}

// Sets of values that share a quantization.
class Sharing {
 public:
  const std::string& root(const std::string& value) {
    std::string& parent = parents_.try_emplace(value, value).first->second;
    return parent == value ? parent : parent = root(parent);
  }
  void join(const std::string& a, const std::string& b) { parents_[root(a)] = root(b); }

 private:
  std::map<std::string, std::string> parents_;
};

}  // namespace

Points find_points(const Graph& graph) {
  Points points;
  Sharing sharing;
  std::vector<std::string> values;  // quantized values in order
  std::set<std::string> sources, not_negative, sigmoids;
  for (const network::Port& port : graph.inputs) {
    values.push_back(port.name);
    sources.insert(port.name);
  }
  for (const Node& node : graph.nodes) {
    const bool after_host = std::any_of(node.inputs.begin(), node.inputs.end(),
                                        [&](const std::string& input) { return points.host.count(input) != 0; });
    if (after_host || node.op == "Softmax" || node.op == "ArgMax") {
      points.host.insert(node.outputs.begin(), node.outputs.end());
      continue;
    }
    const bool passes = passes_values_on(node), positive = never_negative(graph, node, not_negative);
    for (const std::string& output : node.outputs) {
      if (output.empty()) continue;
      if (positive) not_negative.insert(output);
      if (clamped_by_only_reader(graph, node)) continue;
      values.push_back(output);
      if (!passes) sources.insert(output);
      if (node.op == "Sigmoid") sigmoids.insert(output);
      if (!passes) continue;
      for (const std::string& input : node.inputs) sharing.join(output, input);
    }
  }
  std::map<std::string, std::size_t> groups;
  for (const std::string& value : values) {
    const auto [found, is_new] = groups.try_emplace(sharing.root(value), points.groups.size());
    if (is_new) points.groups.push_back({{}, {}, true, true});
    Points::Group& group = points.groups[found->second];
    group.members.push_back(value);
    if (sources.count(value) != 0) group.sources.push_back(value);
    group.never_negative = group.never_negative && not_negative.count(value) != 0;
    group.sigmoid = group.sigmoid && (sources.count(value) == 0 || sigmoids.count(value) != 0);
    points.group_of[value] = found->second;
  }
  return points;
}

}  // namespace northpole::quantize
