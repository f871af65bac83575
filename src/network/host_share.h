// What the host computes itself, in float32: the ends of a network that no pair of QuantizeLinear and DequantizeLinear
// encloses.
#pragma once

#include "network/graph.h"

namespace northpole::network {

// Arithmetic with constants, or a clamp (Add, Sub, Mul, Relu, Clip), between the network's float input and its
// QuantizeLinear. For a network in normal form.
bool is_before_quantization(const Graph& graph, const Node& node);

// The same, or a MatMul with a float constant, behind the last DequantizeLinear: it reads what a DequantizeLinear gave
// or the host made of that, and nothing but work of the host reads it. Softmax and ArgMax are the host's anyway.
bool is_behind_quantization(const Graph& graph, const Node& node);

// Nothing but such work, movements, Softmax and ArgMax reads the value, and the network puts out what they make of it.
bool only_host_reads(const Graph& graph, const std::string& value);

}  // namespace northpole::network
