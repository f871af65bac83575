#include "network/dialects/import_quantizers.h"

#include <algorithm>

#include "network/dialects/dialects.h"

namespace northpole::network {
namespace {

std::vector<Node> imported(Graph& graph, const Node& node) {
  if (is_quantizer(node))
    return graph.constant(node.inputs.at(0)) != nullptr ? quantized_weights(graph, node)
                                                        : quantized_activation(graph, node);
  if (!node.domain.empty()) return {};
  if (node.op == "QuantizeLinear" && node.inputs.size() == 3) return folded_tail(graph, node);
  std::vector<Node> moved = moved_weights(graph, node);
  return moved.empty() ? with_exact_pair(graph, node) : moved;
}

}  // namespace

bool import_quantizers(Graph& graph) {
  for (std::size_t i = 0; i < graph.nodes.size(); ++i) {
    const Node node = graph.nodes[i];
    const std::vector<Node> nodes = at_node(graph, node, [&] { return imported(graph, node); });
    if (nodes.empty()) continue;
    const auto place = graph.nodes.begin() + static_cast<std::ptrdiff_t>(i);
    graph.nodes.insert(graph.nodes.erase(place), nodes.begin(), nodes.end());
    return true;
  }
  return false;
}

}  // namespace northpole::network
