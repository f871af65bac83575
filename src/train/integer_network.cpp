#include "train/integer_network.h"

#include <torch/nn/functional.h>

#include <cmath>
#include <set>

#include "network/error.h"
#include "quantize/weights.h"
#include "train/graph_operators.h"

namespace northpole::train {

namespace {

using network::Node;
using reference::Quantization;
using torch::Tensor;

// F(..) of docs/numerics.md: float32 rounded to half precision.
Tensor half(const Tensor& value) { return value.to(torch::kFloat16).to(torch::kFloat32); }
float half(float value) { return reference::round_to_half(value); }

// One float32 multiplication, whatever libtorch would make of a number of another type.
Tensor times(const Tensor& value, float factor) { return value * torch::full({}, factor, torch::kFloat32); }

bool is_clamp(const Node& node) { return node.op == "Relu" || node.op == "Clip"; }

// Sums of integers of at most this magnitude are exact in float32.
constexpr double exact_in_float = 0x1p24;

// The graph's float operator on integers, exact: in float32 where no sum can leave its integers, else in float64.
Tensor exact_sums(const network::Graph& graph, const Node& node, const Tensor& input, const Tensor& weights) {
  std::vector<std::int64_t> inner;
  for (std::int64_t axis = 0; axis < weights.dim(); ++axis) {
    if (axis != quantize::output_axis(node)) inner.push_back(axis);
  }
  const double largest = input.abs().max().item<double>() * weights.abs().sum(inner).max().item<double>();
  if (largest <= exact_in_float) return run_operator(graph, node, {input, weights})[0].to(torch::kFloat64);
  return run_operator(graph, node, {input.to(torch::kFloat64), weights.to(torch::kFloat64)})[0];
}

}  // namespace

IntegerNetwork::IntegerNetwork(const network::Graph& graph, const quantize::Points& points,
                               quantize::Decisions decisions)
    : graph_(graph), points_(points), decisions_(std::move(decisions)) {
  for (const Node& node : graph_.nodes) {
    if (quantize::has_weights(node)) layers_[node.name] = layer_of(node);
  }
}

const Quantization& IntegerNetwork::quantization_of(const std::string& value) const {
  return decisions_.of(points_, value);
}

std::string IntegerNetwork::quantized_output(const Node& node) const {
  std::string value = node.outputs[0];
  while (!points_.quantized(value)) value = graph_.nodes[graph_.consumers(value).at(0)].outputs[0];
  return value;
}

IntegerNetwork::Target IntegerNetwork::target_of(const Node& node) const {
  const Quantization& quantization = quantization_of(quantized_output(node));
  Target target{quantization, static_cast<double>(network::lowest_code(quantization.type) - quantization.zero_point),
                static_cast<double>(network::highest_code(quantization.type) - quantization.zero_point)};
  const auto narrow = [&](const Node& clamp) {
    const auto code = [&](float bound) {
      const double ratio = std::nearbyint(bound / quantization.scale);
      return std::min(
          std::max(ratio, static_cast<double>(network::lowest_code(quantization.type) - quantization.zero_point)),
          static_cast<double>(network::highest_code(quantization.type) - quantization.zero_point));
    };
    if (clamp.op == "Relu") target.lowest = std::max(target.lowest, 0.0);
    if (clamp.has("min")) target.lowest = std::max(target.lowest, code(clamp.real("min", 0)));
    if (clamp.has("max")) target.highest = std::min(target.highest, code(clamp.real("max", 0)));
  };
  if (is_clamp(node)) narrow(node);
  for (std::string value = node.outputs[0]; !points_.quantized(value);) {
    const Node& clamp = graph_.nodes[graph_.consumers(value).at(0)];
    narrow(clamp);
    value = clamp.outputs[0];
  }
  return target;
}

IntegerNetwork::Layer IntegerNetwork::layer_of(const Node& node) const {
  const quantize::QuantizedWeights& quantized = decisions_.weights.at(node.name);
  const float sx = quantization_of(node.inputs[0]).scale, sy = target_of(node).quantization.scale;
  Layer layer;
  const std::vector<float> codes(quantized.codes.begin(), quantized.codes.end());
  layer.weights = torch::tensor(codes).reshape(graph_.constant(node.inputs[1])->shape);
  std::vector<float> multipliers;
  std::vector<double> bias;
  const std::vector<float>& real_bias = decisions_.biases.at(node.name);
  for (std::size_t channel = 0; channel < quantized.scales.size(); ++channel) {
    const float scale = sx * quantized.scales[channel];
    multipliers.push_back(scale / sy);
    bias.push_back(std::nearbyint(static_cast<double>(real_bias[channel]) / static_cast<double>(scale)));
  }
  // Along the channels of the output: the second axis of a picture's planes, the last one of a matrix product.
  const std::vector<std::int64_t> shape =
      node.op == "Conv" ? std::vector<std::int64_t>{1, -1, 1, 1} : std::vector<std::int64_t>{-1};
  layer.multipliers = torch::tensor(multipliers).reshape(shape);
  layer.bias = torch::tensor(bias, torch::kFloat64).reshape(shape);
  return layer;
}

Tensor IntegerNetwork::product(const Node& node, const Tensor& input, const Target&) const {
  const Layer& layer = layers_.at(node.name);
  const Tensor sums = exact_sums(graph_, node, input, layer.weights) + layer.bias;
  return sums.to(torch::kFloat32) * layer.multipliers;
}

Tensor IntegerNetwork::average(const Node& node, const Tensor& input, const Target& target) const {
  const float sx = quantization_of(node.inputs[0]).scale, sy = target.quantization.scale;
  // An average of ones is 1 wherever padding does not count, so sums and counts come from averages in double.
  const Tensor means = run_operator(graph_, node, {input.to(torch::kFloat64)})[0];
  std::int64_t elements = input.size(2) * input.size(3);
  if (node.op != "AveragePool") {
    return times((means * static_cast<double>(elements)).round().to(torch::kFloat32),
                 sx / (sy * static_cast<float>(elements)));
  }
  const auto kernel = node.integers("kernel_shape", {});
  elements = kernel[0] * kernel[1];
  Tensor counts = torch::full({1, 1, 1, 1}, static_cast<double>(elements), torch::kFloat64);
  if (node.integer("count_include_pad", 0) == 0) {
    Node of_ones = node;
    of_ones.attributes["count_include_pad"] = std::int64_t{1};
    const Tensor ones = torch::ones({1, 1, input.size(2), input.size(3)}, torch::kFloat64);
    counts = (run_operator(graph_, of_ones, {ones})[0] * static_cast<double>(elements)).round();
  }
  const Tensor sums = (means * counts).round().to(torch::kFloat32);
  const Tensor multipliers =
      torch::full({}, sx, torch::kFloat32) / (torch::full({}, sy, torch::kFloat32) * counts.to(torch::kFloat32));
  return sums * multipliers;
}

Tensor IntegerNetwork::element_wise(const Node& node, const std::vector<Tensor>& inputs, const Target& target) const {
  const float sy = target.quantization.scale;
  const auto real = [&](std::size_t i) { return graph_.constant(node.inputs[i]); };
  const auto scale = [&](std::size_t i) { return quantization_of(node.inputs[i]).scale; };
  const bool is_constant[2] = {real(0) != nullptr, real(1) != nullptr};
  if (node.op == "Mul") {
    if (!is_constant[0] && !is_constant[1]) {
      return half(half(times(inputs[0], half(scale(0) * scale(1) / sy))) * inputs[1]);
    }
    const std::size_t constant = is_constant[0] ? 0 : 1;
    const Tensor factor = half(times(inputs[constant], scale(1 - constant)) / torch::full({}, sy, torch::kFloat32));
    return half(inputs[1 - constant] * factor);
  }
  const auto operand = [&](std::size_t i) {
    return is_constant[i] ? half(inputs[i] / torch::full({}, sy, torch::kFloat32))
                          : half(times(inputs[i], half(scale(i) / sy)));
  };
  return half(node.op == "Add" ? operand(0) + operand(1) : operand(0) - operand(1));
}

Tensor IntegerNetwork::function(const Node& node, const Tensor& input, const Target& target) const {
  const float sx = quantization_of(node.inputs[0]).scale, sy = target.quantization.scale;
  if (node.op == "LeakyRelu") {
    const float alpha = node.real("alpha", 0.01F);
    return half(torch::where(input >= 0, times(input, half(sx / sy)), times(input, half(alpha * sx / sy))));
  }
  const Tensor v = half(times(input, half(sx)));
  const auto hard_sigmoid = [&](float alpha, float beta) {
    return half(half(times(v, half(alpha))) + torch::full({}, half(beta), torch::kFloat32)).clamp(0, 1);
  };
  Tensor w;
  if (node.op == "Sigmoid") {
    const Tensor exact = 1.0 / (1.0 + torch::exp(-v.to(torch::kFloat64)));
    w = torch::empty_like(v);
    for (std::int64_t i = 0; i < v.numel(); ++i) {
      w.data_ptr<float>()[i] = reference::round_to_half_from_double(exact.data_ptr<double>()[i]);
    }
  } else if (node.op == "HardSigmoid") {
    w = hard_sigmoid(node.real("alpha", 0.2F), node.real("beta", 0.5F));
  } else {
    w = half(v * hard_sigmoid(1.0F / 6.0F, 0.5F));
  }
  return half(times(w, half(1.0F / sy)));
}

// r of docs/numerics.md, from inputs less their zero points.
Tensor IntegerNetwork::operate(const Node& node, const std::vector<Tensor>& inputs, const Target& target) const {
  if (quantize::has_weights(node)) return product(node, inputs[0], target);
  if (node.op == "AveragePool" || node.op == "GlobalAveragePool" || node.op == "ReduceMean") {
    return average(node, inputs[0], target);
  }
  if (node.op == "Add" || node.op == "Sub" || node.op == "Mul") return element_wise(node, inputs, target);
  if (is_clamp(node))
    return half(times(inputs[0], half(quantization_of(node.inputs[0]).scale / target.quantization.scale)));
  return function(node, inputs[0].contiguous(), target);
}

Tensor IntegerNetwork::run(const Tensor& pictures, const std::string& scores, const Visitor& visit) const {
  const torch::NoGradGuard no_gradients;
  static const std::set<std::string> movements = {"Concat",    "Slice",  "Pad",      "Reshape", "Split",
                                                  "Transpose", "Resize", "Identity", "MaxPool"};
  std::map<std::string, Tensor> values;  // codes less zero point
  const auto keep = [&](const std::string& name, const Tensor& value) {
    values[name] = value;
    if (visit) visit(name, value + static_cast<double>(quantization_of(name).zero_point));
  };
  const auto finish = [&](const std::string& name, const Tensor& r, const Target& target) {
    keep(name, r.round().clamp(target.lowest, target.highest));
  };
  const std::string& input = graph_.inputs[0].name;
  const Quantization& of_input = quantization_of(input);
  const double lowest = network::lowest_code(of_input.type) - of_input.zero_point;
  const double highest = network::highest_code(of_input.type) - of_input.zero_point;
  finish(input, pictures / torch::full({}, of_input.scale, torch::kFloat32), {of_input, lowest, highest});
  for (const Node& node : graph_.nodes) {
    if (values.count(scores) != 0) break;
    std::vector<Tensor> inputs;
    bool there = true;
    for (const std::string& name : node.inputs) {
      if (const auto value = values.find(name); value != values.end()) {
        inputs.push_back(value->second);
      } else if (const network::Tensor* constant = graph_.constant(name); constant != nullptr) {
        inputs.push_back(to_torch(*constant));
      } else if (!name.empty()) {
        there = false;  // a Relu or Clip that was done with the operator before it
      }
    }
    if (!there) continue;
    if (movements.count(node.op) != 0) {
      Node moved = node;
      if (node.op == "Pad") {
        const Quantization& quantization = quantization_of(node.inputs[0]);
        const float code = std::nearbyint(node.real("value", 0) / quantization.scale);
        moved.attributes["value"] = std::min(
            std::max(code, static_cast<float>(network::lowest_code(quantization.type) - quantization.zero_point)),
            static_cast<float>(network::highest_code(quantization.type) - quantization.zero_point));
      }
      const std::vector<Tensor> outputs = run_operator(graph_, moved, inputs);
      for (std::size_t i = 0; i < outputs.size(); ++i) {
        if (!node.outputs[i].empty()) keep(node.outputs[i], outputs[i]);
      }
      continue;
    }
    finish(quantized_output(node), operate(node, inputs, target_of(node)), target_of(node));
  }
  const double zero_point = quantization_of(scores).zero_point;
  return values.at(scores) + zero_point;
}

}  // namespace northpole::train
