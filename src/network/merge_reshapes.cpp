#include "network/rewrites.h"

namespace northpole::network {

bool merge_reshapes(Graph& graph) {
  bool changed = false;
  for (Node& node : graph.nodes) {
    if (node.op != "Reshape" || node.inputs.size() != 1) continue;
    const auto before = graph.producer(node.inputs[0]);
    if (!before || graph.nodes[*before].op != "Reshape" || graph.nodes[*before].inputs.size() != 1) continue;
    node.inputs[0] = graph.nodes[*before].inputs[0];  // the first one goes when nobody else reads it
    changed = true;
  }
  return changed;
}

}  // namespace northpole::network
