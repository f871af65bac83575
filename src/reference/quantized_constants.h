// Constants of a quantized network: weights and biases behind a DequantizeLinear, and float constants.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "network/graph.h"

namespace northpole::reference {

// A constant behind a DequantizeLinear.
struct QuantizedConstant {
  network::Tensor codes;
  std::vector<float> scales;              // one, or one for each index along the axis
  std::vector<std::int64_t> zero_points;  // likewise
  std::int64_t axis = 0;

  bool by_channel() const { return scales.size() > 1; }
};

// Nothing when the value is not a DequantizeLinear of a constant.
std::optional<QuantizedConstant> quantized_constant(const network::Graph& graph, const std::string& value);

// A float constant, or the float32 value of a quantized one; nothing for an activation.
std::optional<network::Tensor> real_constant(const network::Graph& graph, const std::string& value);

}  // namespace northpole::reference
