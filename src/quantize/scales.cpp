#include "quantize/scales.h"

#include <algorithm>

namespace northpole::quantize {
namespace {

using network::Graph;
using network::Node;
using reference::Quantization;

// The ratio of an element-wise operator's input scale to its output scale is kept in this range, well inside the normal
// numbers of half precision (2^-14 to 65504).
constexpr float smallest_ratio = 0x1p-12f, largest_ratio = 0x1p14f;

// The value whose quantization follows the node: its output, or that of the clamps behind it.
std::string quantized_output(const Graph& graph, const Points& points, const Node& node) {
  std::string value = node.outputs[0];
  while (!points.quantized(value)) value = graph.nodes[graph.consumers(value).at(0)].outputs[0];
  return value;
}

bool is_sum(const Node& node) {
  return node.op == "Add" || node.op == "Sub" || node.op == "Relu" || node.op == "Clip" || node.op == "LeakyRelu";
}

// Raises the smaller of two scales where their ratio leaves the range: an operand so small beside the result has no say
// in it, and a result so small beside its operands has lost its digits already. True when something changed.
bool widen(const Graph& graph, const Points& points, std::vector<Quantization>& groups) {
  bool changed = false;
  for (const Node& node : graph.nodes) {
    if (!is_sum(node) || points.host.count(node.outputs[0]) != 0) continue;
    Quantization& output = groups[points.group_of.at(quantized_output(graph, points, node))];
    for (const std::string& input : node.inputs) {
      if (!points.quantized(input)) continue;
      Quantization& operand = groups[points.group_of.at(input)];
      const float least = output.scale * smallest_ratio, most = output.scale * largest_ratio;
      if (operand.scale < least) {
        operand.scale = least;
        changed = true;
      } else if (operand.scale > most) {
        output.scale = operand.scale / largest_ratio;
        changed = true;
      }
    }
  }
  return changed;
}

}  // namespace

std::vector<Quantization> choose_scales(const Graph& graph, const Points& points,
                                        const std::vector<Histogram>& histograms, const std::vector<int>& bits,
                                        RangeMethod method, double kept_percent) {
  std::vector<Quantization> groups;
  for (std::size_t i = 0; i < points.groups.size(); ++i) {
    if (points.groups[i].sigmoid) {
      groups.push_back({network::quantized_type(bits[i], false), 1.0f / static_cast<float>(1 << bits[i]), 0});
      continue;
    }
    groups.push_back(
        choose_quantization(histograms[i], points.groups[i].never_negative, method, bits[i], kept_percent));
  }
  for (int round = 0; round < 100 && widen(graph, points, groups); ++round) {
  }
  return groups;
}

}  // namespace northpole::quantize
