// Lowering: from the quantized graph (QDQ form, docs/numerics.md) to layers of the machine.
#pragma once

#include "chip/chip_description.h"
#include "lower/layer.h"
#include "network/graph.h"

namespace northpole::lower {

// The graph must be prepared (network/prepare.h). Throws Error naming the node for whatever has no exact form on the
// machine: an operator without a QuantizeLinear behind it, an accumulator that could overflow, a move that cannot be
// expressed as rows x columns x channels, a constant that vanishes in the chip's vector precision, ...
LayerGraph lower(const network::Graph& graph, const chip::ChipDescription& chip);

}  // namespace northpole::lower
