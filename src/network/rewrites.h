// The smaller rewrites, one a file. Each works on graph.values where it needs shapes, and says whether it changed
// something.
#pragma once

#include "network/graph.h"

namespace northpole::network {

// Removes Identity, Dropout (as in inference), float-to-float Cast, and movements that move nothing. Names of network
// outputs stay; an Identity stays only where it joins a network input or constant to a network output.
bool remove_identities(Graph& graph);

// Folds BatchNormalization into the Conv or Gemm with constant weights before it; a lone one becomes Mul and Add.
bool fold_batch_norm(Graph& graph);

// Joins a Reshape with the Reshape before it.
bool merge_reshapes(Graph& graph);

// Joins a Slice with the Slice before it: exporters write one for each axis.
bool merge_slices(Graph& graph);

// Drops nodes and constants that no network output hangs on, and unnames unused outputs of those that stay.
bool remove_dead(Graph& graph);

// Replaces QuantizeLinear of a float constant by its codes: rne(f32(x / s)) + z, saturated. The DequantizeLinear behind
// it stays.
bool quantize_constants(Graph& graph);

// Throws Error naming the constant and the node for NaN or infinite values among a node's weights.
void check_finite(const Graph& graph);

}  // namespace northpole::network
