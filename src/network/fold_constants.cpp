#include "network/fold_constants.h"

#include "network/error.h"
#include "network/evaluate.h"
#include "network/infer_shapes.h"
#include "network/text.h"

namespace northpole::network {
namespace {

bool can_evaluate(const NodeView& view) {
  const Node& node = view.node;
  if (!node.domain.empty() || find_evaluator(node.op) == nullptr) return false;
  if (node.op == "Shape" || node.op == "Size") return node.inputs.size() == 1;
  if (node.inputs.empty()) return node.op == "Constant";
  for (std::size_t i = 0; i < node.inputs.size(); ++i)
    if (view.has_input(i) && view.constant(i) == nullptr) return false;
  return view.has_input(0);
}

void replace_by_constants(Graph& graph, const Node& node, std::vector<Tensor> results) {
  for (std::size_t i = 0; i < node.outputs.size(); ++i) {
    const std::string& name = node.outputs[i];
    if (name.empty()) continue;
    if (i >= results.size()) throw Error(place(graph, node) + "its output " + quoted_name(name) + " is not supported");
    graph.values[name] = {name, results[i].type, results[i].shape};
    graph.constants[name] = std::move(results[i]);
  }
}

}  // namespace

bool fold_constants(Graph& graph) {
  start_values(graph);
  std::vector<Node> left;
  for (Node& node : graph.nodes) {
    const NodeView view(graph, node);
    if (can_evaluate(view)) {
      auto results = at_node(graph, node, [&] { return find_evaluator(node.op)(view); });
      replace_by_constants(graph, node, std::move(results));
    } else {
      infer_shapes_of(graph, node);
      left.push_back(node);
    }
  }
  const bool changed = left.size() != graph.nodes.size();
  graph.nodes = std::move(left);
  finish_outputs(graph);
  return changed;
}

}  // namespace northpole::network
