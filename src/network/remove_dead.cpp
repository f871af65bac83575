#include <unordered_set>

#include "network/rewrites.h"

namespace northpole::network {

bool remove_dead(Graph& graph) {
  std::unordered_set<std::string> live;
  for (const Port& output : graph.outputs) live.insert(output.name);
  std::vector<bool> keep(graph.nodes.size(), false);
  for (std::size_t i = graph.nodes.size(); i-- > 0;) {
    for (const std::string& output : graph.nodes[i].outputs) keep[i] = keep[i] || live.count(output) != 0;
    if (keep[i])
      for (const std::string& input : graph.nodes[i].inputs)
        if (!input.empty()) live.insert(input);
  }

  bool changed = false;
  std::vector<Node> left;
  for (std::size_t i = 0; i < graph.nodes.size(); ++i) {
    if (!keep[i]) {
      changed = true;
      continue;
    }
    Node& node = graph.nodes[i];
    // A Split without named sizes counts its outputs, so they keep their places; only the names go.
    for (std::string& output : node.outputs) {
      if (!output.empty() && live.count(output) == 0) {
        output.clear();
        changed = true;
      }
    }
    while (node.op != "Split" && node.outputs.size() > 1 && node.outputs.back().empty()) node.outputs.pop_back();
    left.push_back(std::move(node));
  }
  graph.nodes = std::move(left);
  changed =
      std::erase_if(graph.constants, [&](const auto& entry) { return live.count(entry.first) == 0; }) > 0 || changed;
  return changed;
}

}  // namespace northpole::network
