// Writes a quantized network down: the float network's operators with QuantizeLinear and DequantizeLinear between them.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "network/graph.h"
#include "quantize/points.h"
#include "reference/quantized_tensor.h"

namespace northpole::quantize {

// What was decided before: one quantization for each group of points, and biases that replace the network's own.
struct Decisions {
  std::vector<reference::Quantization> groups;
  std::map<std::string, std::vector<float>> biases;  // by node name, one for each output channel; absent: as they are

  const reference::Quantization& of(const Points& points, const std::string& value) const {
    return groups[points.group_of.at(value)];
  }
};

network::Graph emit(const network::Graph& graph, const Points& points, const Decisions& decisions);

// Conv, Gemm and MatMul.
bool has_weights(const network::Node& node);
// Where a weighted node's output channels stand in its weights.
std::int64_t output_axis(const network::Node& node);
// A weighted node's bias, zeros when it has none.
std::vector<float> bias_of(const network::Graph& graph, const network::Node& node);

}  // namespace northpole::quantize
