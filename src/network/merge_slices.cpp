#include "network/parameters.h"
#include "network/rewrites.h"

namespace northpole::network {
namespace {

bool is_normal_slice(const Node& node) { return node.op == "Slice" && node.domain.empty() && node.inputs.size() == 1; }

}  // namespace

bool merge_slices(Graph& graph) {
  bool changed = false;
  for (Node& node : graph.nodes) {
    const auto producer = is_normal_slice(node) ? graph.producer(node.inputs[0]) : std::nullopt;
    if (!producer || !is_normal_slice(graph.nodes[*producer])) continue;
    const Node& before = graph.nodes[*producer];
    const SliceRange first = slice_of(NodeView(graph, before)), second = slice_of(NodeView(graph, node));
    const Shape& shape = graph.values.at(before.inputs[0]).shape;
    Integers axes, starts, ends, steps;
    for (std::size_t axis = 0; axis < shape.size(); ++axis) {
      if (second.count[axis] == shape[axis]) continue;
      axes.push_back(static_cast<std::int64_t>(axis));
      starts.push_back(first.start[axis] + second.start[axis] * first.step[axis]);
      steps.push_back(second.count[axis] == 1 ? 1 : first.step[axis] * second.step[axis]);
      ends.push_back(starts.back() + (second.count[axis] - 1) * steps.back() + 1);
    }
    node.inputs[0] = before.inputs[0];  // the first one goes when nobody else reads it
    node.attributes = {{"axes", axes}, {"starts", starts}, {"ends", ends}, {"steps", steps}};
    changed = true;
  }
  return changed;
}

}  // namespace northpole::network
