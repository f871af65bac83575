// Weights and biases as integers: symmetric codes of 8, 4 or 2 bit with a scale for each output channel, int32 biases.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "network/graph.h"

namespace northpole::quantize {

// Conv, Gemm and MatMul.
bool has_weights(const network::Node& node);
// Where a weighted node's output channels stand in its weights.
std::int64_t output_axis(const network::Node& node);
// A weighted node's bias, zeros when it has none.
std::vector<float> bias_of(const network::Graph& graph, const network::Node& node);

struct QuantizedWeights {
  int bits = 8;
  std::vector<std::int64_t> codes;  // in the order of the float weights
  std::vector<float> scales;        // one for each output channel
};

// The weights that the codes stand for.
network::Tensor real_weights(const QuantizedWeights& quantized, const network::Shape& shape, std::int64_t axis);

// The output channels stand along `axis` of the weights. `bias` (one for each channel, or empty) will be quantized at
// the scale f32(input_scale * scale): a channel's scale is kept large enough for its bias to fit. Each channel's scale
// is the one that loses least in the mean square; weights that lie on a grid of at most that many bits keep it exactly.
// Channels of nothing but zeros get the largest scale of the others.
QuantizedWeights quantize_weights(const network::Tensor& weights, std::int64_t axis, const std::vector<float>& bias,
                                  float input_scale, int bits = 8);

// The least scale of a channel's weights at which its bias fits.
float smallest_scale_for(float bias, float input_scale);

// rne(b / f32(input_scale * scale)), which must be an int32. Throws Error, its line beginning with `where`, for the
// first output channel whose bias is none: one that a correction moved far, or steps too small for a float.
std::vector<std::int64_t> quantize_bias(const std::vector<float>& bias, float input_scale,
                                        const std::vector<float>& scales, const std::string& where);

}  // namespace northpole::quantize
