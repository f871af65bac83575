// Writes a quantized network down: the float network's operators with QuantizeLinear and DequantizeLinear between them.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "network/graph.h"
#include "quantize/points.h"
#include "quantize/weights.h"
#include "reference/quantized_tensor.h"

namespace northpole::quantize {

// What was decided before.
struct Decisions {
  std::vector<reference::Quantization> groups;       // one for each group of points
  std::map<std::string, QuantizedWeights> weights;   // of every weighted node, by node name
  std::map<std::string, std::vector<float>> biases;  // likewise, one for each output channel

  const reference::Quantization& of(const Points& points, const std::string& value) const {
    return groups[points.group_of.at(value)];
  }
};

network::Graph emit(const network::Graph& graph, const Points& points, const Decisions& decisions);

}  // namespace northpole::quantize
