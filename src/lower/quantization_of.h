// Reading quantization parameters and quantized constants out of the graph.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "lower/layer.h"
#include "network/graph.h"

namespace northpole::lower {

// Scale, zero point and signedness of an activation's QuantizeLinear or DequantizeLinear; both must be constants and by
// tensor, the type a signed or unsigned integer of 8, 4 or 2 bits, the scale positive and finite. Throws Error naming the node otherwise.
Quantization activation_quantization(const network::Graph& graph, const network::Node& node);

// A constant behind a DequantizeLinear: codes - zero point as integers, and a scale for each index of `axis` (or one).
struct QuantizedConstant {
  network::Shape shape;
  std::vector<std::int32_t> values;  // zero point subtracted
  std::vector<float> scale;          // 1 or shape[axis]
  std::int64_t axis = 0;
  std::int32_t bits = 8;  // of a code as the graph holds it: 8, 4 or 2 (wider ones count as 8)
  float scale_at(std::int64_t index) const {
    return scale.size() == 1 ? scale[0] : scale[static_cast<std::size_t>(index)];
  }
};

// The constant behind `value` when it is DequantizeLinear of a constant; nothing when it is something else.
std::optional<QuantizedConstant> quantized_constant(const network::Graph& graph, const std::string& value);

// `value` as float32 numbers, whether it is a plain float constant or a DequantizeLinear of one; nothing when it is no
// constant.
struct FloatConstant {
  network::Shape shape;
  std::vector<float> values;
};
std::optional<FloatConstant> float_constant(const network::Graph& graph, const std::string& value);

}  // namespace northpole::lower
