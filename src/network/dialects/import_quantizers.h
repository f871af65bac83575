// The parts of import_quantizers(), each a rewriting of its own. Internal to this folder.
#pragma once

#include <vector>

#include "network/dialects/quantizer.h"
#include "network/graph.h"

namespace northpole::network {

// A quantizer of a constant: a DequantizeLinear of its codes.
std::vector<Node> quantized_weights(Graph& graph, const Node& node);

// A quantizer of an activation: QuantizeLinear and DequantizeLinear, perhaps behind a new layer whose constants make
// exactly the quantizer's codes (network/dialects/exact_requantization.h).
std::vector<Node> quantized_activation(Graph& graph, const Node& node);

// A QuantizeLinear (by tensor, in normal form) behind scales, offsets or batch normalisations without pairs of their
// own: the layer and its tail become one layer of exactly these codes. Empty when there is nothing of the sort.
std::vector<Node> folded_tail(Graph& graph, const Node& quantize_linear);

// Behind a maximum, a Relu or a sum of codes of one scale a pair that rounds nothing, where the dialect has none: the
// next operator needs codes. Empty when there is nothing of the sort.
std::vector<Node> with_exact_pair(Graph& graph, const Node& node);

// A Transpose or Reshape of a DequantizeLinear of a constant: the DequantizeLinear of moved codes. Empty for others.
std::vector<Node> moved_weights(Graph& graph, const Node& node);

// The type for codes from lowest to highest and their zero point; fails when none has them all.
ElementType type_of_codes(const NodeView& view, std::int64_t lowest, std::int64_t highest, std::int64_t zero_point);

}  // namespace northpole::network
