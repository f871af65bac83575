// Host evaluation of everything that does not depend on the input picture: the tails of Shape, Gather, Concat, Cast,
// ConstantOfShape, Slice ... that exporters leave behind, and arithmetic on weights.
//
// QuantizeLinear and DequantizeLinear are never evaluated: they are the meaning of a quantized file.
#pragma once

#include "network/graph.h"

namespace northpole::network {

// Replaces nodes whose outputs are known by entries of graph.constants; fills graph.values on the way, as
// infer_shapes() does. True when it changed something. Throws Error like infer_shapes(), and when a folded constant
// would exceed 2^26 elements.
bool fold_constants(Graph& graph);

}  // namespace northpole::network
