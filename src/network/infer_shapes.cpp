#include "network/infer_shapes.h"

#include "network/dialects/quantizer.h"
#include "network/error.h"
#include "network/node_view.h"
#include "network/operators.h"
#include "network/shape_rules.h"
#include "network/text.h"

namespace northpole::network {
namespace {

[[noreturn]] void refuse(const NodeView& view) {
  if (view.node.domain.empty() && find_operator(view.node.op) != nullptr)
    view.fail("this operator is only supported where its inputs are constants");
  view.fail("this operator is not supported; supported are " + supported_operator_list());
}

}  // namespace

void infer_shapes_of(Graph& graph, const Node& node) {
  const NodeView view(graph, node);
  const std::vector<Port> ports = at_node(graph, node, [&] {
    const ShapeRule rule = node.domain.empty() ? find_shape_rule(node.op) : nullptr;
    if (rule == nullptr && !is_quantizer(node)) refuse(view);
    // The quantizers of dialects, until they are imported, give real numbers of the same shape.
    std::vector<Port> found = rule == nullptr ? std::vector<Port>{{"", ElementType::float32, view.shape(0)}} : rule(view);
    for (const Port& port : found)
      if (element_count(port.shape) == 0)
        view.fail("its output of shape " + to_string(port.shape) + " has no elements");
    return found;
  });
  for (std::size_t i = 0; i < node.outputs.size(); ++i) {
    if (node.outputs[i].empty()) continue;
    if (i >= ports.size()) view.fail("its output " + quoted_name(node.outputs[i]) + " is not supported");
    graph.values[node.outputs[i]] = {node.outputs[i], ports[i].type, ports[i].shape};
  }
}

void start_values(Graph& graph) {
  graph.values.clear();
  for (const Port& input : graph.inputs) {
    try {
      element_count(input.shape);
    } catch (const Error& error) {
      throw Error((graph.source.empty() ? "" : graph.source + ": ") + "network input " + quoted_name(input.name) +
                  ": " + error.what());
    }
    graph.values[input.name] = input;
  }
  for (const auto& [name, tensor] : graph.constants) graph.values[name] = {name, tensor.type, tensor.shape};
}

void finish_outputs(Graph& graph) {
  for (Port& output : graph.outputs) {
    const auto found = graph.values.find(output.name);
    if (found == graph.values.end())
      throw Error((graph.source.empty() ? "" : graph.source + ": ") + "network output " + quoted_name(output.name) +
                  " is produced by no node");
    output = found->second;
  }
}

void infer_shapes(Graph& graph) {
  start_values(graph);
  for (const Node& node : graph.nodes) infer_shapes_of(graph, node);
  finish_outputs(graph);
}

}  // namespace northpole::network
