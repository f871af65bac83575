// Type and shape of every value, from those of the inputs and constants.
#pragma once

#include "network/graph.h"

namespace northpole::network {

// Fills graph.values (inputs, constants and every node's outputs) and the shapes of graph.outputs.
// Understands each operator both as its ONNX opset (graph.opset, 7 to 21) writes it and in normal form.
// Throws Error naming the node for a shape that cannot be, an operator it does not know, or a shape that hangs on
// values which are not constant.
void infer_shapes(Graph& graph);

// The steps of infer_shapes(), for passes that change the graph as they go: inputs and constants into graph.values; the
// outputs of one node whose inputs are there; network outputs from graph.values.
void start_values(Graph& graph);
void infer_shapes_of(Graph& graph, const Node& node);
void finish_outputs(Graph& graph);

}  // namespace northpole::network
