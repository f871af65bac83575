#include <algorithm>

#include "network/node_view.h"
#include "network/rewrites.h"

namespace northpole::network {
namespace {

bool does_nothing(const NodeView& view) {
  const Node& node = view.node;
  if (!node.domain.empty() || !view.has_input(0) || node.outputs.empty()) return false;
  if (node.op == "Identity") return true;
  if (node.op == "Dropout") {
    const Tensor* training = view.constant(2);
    const bool inference =
        !view.has_input(2) || (training != nullptr && training->size() == 1 && training->integer(0) == 0);
    if (!inference) view.fail("it is in training mode; export the network for inference");
    if (node.outputs.size() > 1 && !node.outputs[1].empty()) view.fail("its mask is used, which is not supported");
    return true;
  }
  return node.op == "Cast" && view.graph.values.at(node.outputs[0]).type == view.input(0).type;
}

void rename(Graph& graph, const std::string& from, const std::string& to, bool producer_too) {
  for (Node& node : graph.nodes) {
    std::replace(node.inputs.begin(), node.inputs.end(), from, to);
    if (producer_too) std::replace(node.outputs.begin(), node.outputs.end(), from, to);
  }
  if (producer_too) graph.values[to] = {to, graph.values.at(from).type, graph.values.at(from).shape};
}

}  // namespace

bool remove_identities(Graph& graph) {
  bool changed = false;
  for (std::size_t i = 0; i < graph.nodes.size();) {
    if (!does_nothing(NodeView(graph, graph.nodes[i]))) {
      ++i;
      continue;
    }
    const std::string input = graph.nodes[i].inputs[0], output = graph.nodes[i].outputs[0];
    const bool is_output = graph.is_output(output);
    if (is_output && (graph.is_output(input) || !graph.producer(input))) {
      // Something must join the two names.
      Node& node = graph.nodes[i++];
      changed = changed || node.op != "Identity";
      node.op = "Identity";
      node.attributes.clear();
      node.inputs.resize(1);
      continue;
    }
    graph.nodes.erase(graph.nodes.begin() + static_cast<std::ptrdiff_t>(i));
    if (is_output)
      rename(graph, input, output, true);
    else
      rename(graph, output, input, false);
    changed = true;
  }
  return changed;
}

}  // namespace northpole::network
