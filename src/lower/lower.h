// Lowering: from the quantized graph (QDQ form, docs/numerics.md) to layers of the machine.
#pragma once

#include "chip/chip_description.h"
#include "lower/layer.h"
#include "network/graph.h"

namespace northpole::lower {

// What the orchestrator behind can make use of; none of it changes a result.
struct Options {
  // A linear layer that one element-wise layer of two tensors alone reads takes that layer's function and its other
  // tensor as a second operand (lower/fuse.h).
  bool fuse_second_operands = false;
  // The same for element-wise layers of one tensor: activation functions, constants by channel, changes of scale.
  bool fuse_functions = false;
  // A packed word of the network's input may serve several output columns (Layer::phases).
  bool phases = false;
  // Weights are stored in as few bits as their values need, whatever the graph's type; else in as many as that has.
  bool narrow_weights = false;
};

// The graph must be prepared (network/prepare.h). Throws Error naming the node for whatever has no exact form on the
// machine: an operator without a QuantizeLinear behind it, an accumulator that could overflow, a move that cannot be
// expressed as rows x columns x channels, a constant that vanishes in the chip's vector precision, ...
LayerGraph lower(const network::Graph& graph, const chip::ChipDescription& chip, const Options& options = {});

}  // namespace northpole::lower
