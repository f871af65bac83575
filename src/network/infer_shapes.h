// Type and shape of every value, from those of the inputs and constants.
#pragma once

#include "network/graph.h"

namespace northpole::network {

// Fills graph.values (inputs, constants and every node's outputs) and the shapes of graph.outputs.
// Understands each operator both as its ONNX opset (graph.opset, 7 to 21) writes it and in normal form.
// Throws Error naming the node for a shape that cannot be, an operator it does not know, or a shape that hangs on
// values which are not constant.
void infer_shapes(Graph& graph);

// The same for one node whose inputs are in graph.values already.
void infer_shapes_of(Graph& graph, const Node& node);

}  // namespace northpole::network
