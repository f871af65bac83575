#include "quantize/weights.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "network/error.h"

namespace northpole::quantize {

using network::Graph;
using network::Node;
using network::Tensor;

bool has_weights(const Node& node) { return node.op == "Conv" || node.op == "Gemm" || node.op == "MatMul"; }

std::int64_t output_axis(const Node& node) { return node.op == "Conv" || node.integer("transB", 0) != 0 ? 0 : 1; }

std::vector<float> bias_of(const Graph& graph, const Node& node) {
  const Tensor& weights = *graph.constant(node.inputs[1]);
  std::vector<float> bias(static_cast<std::size_t>(weights.shape[static_cast<std::size_t>(output_axis(node))]), 0.0f);
  if (node.inputs.size() > 2 && !node.inputs[2].empty()) {
    const Tensor* constant = graph.constant(node.inputs[2]);
    if (!constant || constant->size() != static_cast<std::int64_t>(bias.size())) {
      throw Error(network::place(graph, node) + "the bias must be a constant, one for each output channel");
    }
    std::copy_n(constant->data<float>(), bias.size(), bias.begin());
  }
  return bias;
}

namespace {

// Biases stay this small, so that sums of up to 2^15 full-scale products still fit into int32 beside them.
constexpr double largest_bias = 0x1p29;

// Symmetric codes of one width.
class Codes {
 public:
  explicit Codes(int bits)
      : lowest_(-std::ldexp(1.0f, bits - 1)), highest_(std::ldexp(1.0f, bits - 1) - 1), shares_(shares_of(bits)) {}

  float code_of(float weight, float scale) const {
    const float code = std::min(std::max(weight / scale, lowest_), highest_);
    return (code + 0x1.8p23f) - 0x1.8p23f;  // to the nearest integer, ties to even
  }

  // The best scale of one channel's weights (zeros left out).
  float best_scale(const std::vector<float>& weights) const {
    float largest = 0;
    for (float weight : weights) largest = std::max(largest, std::fabs(weight));
    float best = largest / highest_;  // the largest weight becomes the highest code
    double smallest = error_of(weights, best, INFINITY);
    for (const float steps : shares_) {
      if (smallest == 0) break;
      const float scale = largest / steps;
      const double error = error_of(weights, scale, smallest);
      if (error < smallest) smallest = error, best = scale;
    }
    return best;
  }

 private:
  // What codes the largest weight might get if there were no limit: more than there is clips, fewer may meet a grid.
  static std::vector<float> shares_of(int bits) {
    std::vector<float> steps;
    const int highest = (1 << (bits - 1)) - 1;
    if (bits == 8) {
      for (int i = 128; i <= 176; i += 2) steps.push_back(static_cast<float>(i));
    } else {
      // Few codes clip far: up to a fifth of a bell curve's largest values at 2 bit.
      for (int i = 0; i <= 40; ++i)
        steps.push_back(static_cast<float>(highest) * std::exp2(static_cast<float>(i) / 20));
      steps.push_back(static_cast<float>(highest + 1));
    }
    for (int i = highest - 1; i >= (highest + 1) / 2; --i) steps.push_back(static_cast<float>(i));
    return steps;
  }

  double error_of(const std::vector<float>& weights, float scale, double give_up_at) const {
    double error = 0;
    for (std::size_t begin = 0; begin < weights.size() && error < give_up_at; begin += 256) {
      float part = 0;
      for (std::size_t i = begin; i < std::min(begin + 256, weights.size()); ++i) {
        const float difference = weights[i] - code_of(weights[i], scale) * scale;
        part += difference * difference;
      }
      error += static_cast<double>(part);
    }
    return error;
  }

  float lowest_, highest_;
  std::vector<float> shares_;
};

// The output channel of each element of the weights.
class ChannelOf {
 public:
  ChannelOf(const network::Shape& shape, std::int64_t axis) : channels_(shape[static_cast<std::size_t>(axis)]) {
    for (std::size_t i = static_cast<std::size_t>(axis) + 1; i < shape.size(); ++i) inner_ *= shape[i];
  }
  std::size_t operator()(std::int64_t element) const { return static_cast<std::size_t>(element / inner_ % channels_); }

 private:
  std::int64_t channels_, inner_ = 1;
};

}  // namespace

Tensor real_weights(const QuantizedWeights& quantized, const network::Shape& shape, std::int64_t axis) {
  Tensor real = Tensor::zeros(network::ElementType::float32, shape);
  const ChannelOf channel_of(shape, axis);
  for (std::int64_t i = 0; i < real.size(); ++i) {
    real.data<float>()[i] =
        static_cast<float>(quantized.codes[static_cast<std::size_t>(i)]) * quantized.scales[channel_of(i)];
  }
  return real;
}

QuantizedWeights quantize_weights(const network::Tensor& weights, std::int64_t axis, const std::vector<float>& bias,
                                  float input_scale, int bits) {
  const Codes codes(bits);
  const std::int64_t channels = weights.shape[static_cast<std::size_t>(axis)];
  const ChannelOf channel_of(weights.shape, axis);
  std::vector<std::vector<float>> by_channel(static_cast<std::size_t>(channels));
  for (std::int64_t i = 0; i < weights.size(); ++i) {
    if (const float weight = weights.data<float>()[i]; weight != 0) by_channel[channel_of(i)].push_back(weight);
  }
  QuantizedWeights result;
  result.bits = bits;
  float largest = 0;
  for (const auto& channel : by_channel) {
    result.scales.push_back(channel.empty() ? 0 : codes.best_scale(channel));
    largest = std::max(largest, result.scales.back());
  }
  for (std::size_t channel = 0; channel < by_channel.size(); ++channel) {
    float& scale = result.scales[channel];
    if (scale == 0) scale = largest > 0 ? largest : 1.0f / 127;
    if (bias.empty()) continue;
    scale = std::max(scale, smallest_scale_for(bias[channel], input_scale));
  }
  for (std::int64_t i = 0; i < weights.size(); ++i) {
    const float code = codes.code_of(weights.data<float>()[i], result.scales[channel_of(i)]);
    result.codes.push_back(static_cast<std::int64_t>(code));
  }
  return result;
}

float smallest_scale_for(float bias, float input_scale) {
  return static_cast<float>(std::fabs(static_cast<double>(bias)) / (static_cast<double>(input_scale) * largest_bias));
}

std::vector<std::int64_t> quantize_bias(const std::vector<float>& bias, float input_scale,
                                        const std::vector<float>& scales, const std::string& where) {
  constexpr double lowest = std::numeric_limits<std::int32_t>::min(),
                   highest = std::numeric_limits<std::int32_t>::max();
  std::vector<std::int64_t> codes;
  for (std::size_t channel = 0; channel < bias.size(); ++channel) {
    const float scale = input_scale * scales[channel];
    const double code = std::nearbyint(static_cast<double>(bias[channel]) / static_cast<double>(scale));
    // Written so that NaN does not pass; with an infinite scale every bias would be 0.
    if (!std::isfinite(scale) || !(code >= lowest && code <= highest)) {
      throw Error(
          fmt::format("{}the bias {:g} of output channel {} does not fit into 32 bits, counted in steps of {:g} (scale "
                      "of the input "
                      "times that of the weights); check that the pictures are normalised as the network wants them",
                      where, static_cast<double>(bias[channel]), channel, static_cast<double>(scale)));
    }
    codes.push_back(static_cast<std::int64_t>(code));
  }
  return codes;
}

}  // namespace northpole::quantize
