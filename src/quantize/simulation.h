// Parts of a quantized network in float: operators with other constants than their own, and values rounded as their
// quantization would. Differs from the exact integers of docs/numerics.md by a few roundings, which is enough to choose
// by.
#pragma once

#include <cstdint>
#include <vector>

#include "network/graph.h"
#include "reference/float_operators.h"
#include "reference/quantized_tensor.h"

namespace northpole::quantize {

// A Conv, Gemm or MatMul of the graph with these weights (in the shape of its own) and biases, one for each output
// channel; a MatMul takes none but zeros. Depends on the graph no longer.
reference::FloatOperator operator_with_weights(const network::Graph& graph, const network::Node& node,
                                               network::Tensor weights, const std::vector<float>& bias);

// A value as a byte an element.
struct Codes {
  reference::Quantization quantization;
  network::Shape shape;
  std::vector<std::uint8_t> bytes;  // the codes' low eight bits
};
Codes codes_of(const network::Tensor& real, const reference::Quantization& quantization);
network::Tensor real_values(const Codes& codes);

}  // namespace northpole::quantize
