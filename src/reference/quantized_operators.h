// The integer operators of docs/numerics.md, made ready to run on one network.
#pragma once

#include <functional>
#include <optional>
#include <vector>

#include "network/graph.h"
#include "reference/quantized_tensor.h"

namespace northpole::reference {

// Writes the output's codes; `codes` has room for all of them. One pointer an input of the node, null for constants.
using QuantizedOperator = std::function<void(const std::vector<const QuantizedTensor*>& inputs, std::int16_t* codes)>;

// An operator between its DequantizeLinears and its QuantizeLinear.
struct Site {
  const network::Graph& graph;
  const network::Node& node;
  std::vector<std::optional<Quantization>> inputs;  // one an input; nothing for a constant
  network::Shape shape;                             // of the output
  Target target;

  const network::Shape& shape_of(std::size_t input) const { return graph.values.at(node.inputs[input]).shape; }
  // The quantization of an input that must be an activation.
  const Quantization& activation(std::size_t input) const;
  // A ratio of scales, rounded to the vector precision. Throws Error naming the node when it overflows or vanishes.
  float ratio(float value) const;
  // An element of a constant operand likewise: it may vanish, but not overflow.
  float operand(float value) const;
};

// Throws Error naming the node for an operator that docs/numerics.md does not define.
QuantizedOperator make_quantized_operator(const Site& site);
// Codes of one quantization into another, under the target's clamps: Relu, Clip, QuantizeLinear behind
// DequantizeLinear.
QuantizedOperator make_requantize(const Quantization& from, std::int64_t size, const Site& site);

// The parts, a file each; they give an empty function for an operator that is not theirs.
QuantizedOperator make_quantized_product(const Site& site);   // Conv, Gemm, MatMul
QuantizedOperator make_quantized_pool(const Site& site);      // MaxPool, AveragePool, GlobalAveragePool, ReduceMean
QuantizedOperator make_quantized_sum(const Site& site);       // Add, Sub, Mul
QuantizedOperator make_quantized_function(const Site& site);  // LeakyRelu, Sigmoid, HardSigmoid, HardSwish
QuantizedOperator make_quantized_concat(const Site& site);    // Concat of unequally quantized inputs

}  // namespace northpole::reference
