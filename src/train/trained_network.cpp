#include "train/trained_network.h"

#include <fmt/format.h>
#include <torch/nn/functional.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "network/error.h"
#include "quantize/weights.h"
#include "train/graph_operators.h"
#include "train/lsq_kernel.h"
#include "train/residual_stream.h"

namespace northpole::train {

namespace {

using network::Graph;
using network::Node;
using quantize::has_weights;
using torch::Tensor;

constexpr double momentum = 0.1;  // of batch normalisation: the share of the running means that a batch replaces

Tensor scalar(double value) { return torch::full({}, value, torch::kFloat32); }

std::vector<float> floats_of(const Tensor& tensor) {
  const Tensor values = tensor.detach().to(torch::kFloat32).contiguous();
  return {values.data_ptr<float>(), values.data_ptr<float>() + values.numel()};
}

}  // namespace

TrainedNetwork::TrainedNetwork(Graph graph, const Settings& settings) : settings_(settings) {
  std::set<std::string> wide;
  graph_ = settings.residual_bits == 0 ? std::move(graph) : with_separate_stream(std::move(graph), wide);
  points_ = quantize::find_points(graph_);
  for (const Node& node : graph_.nodes) {
    if (node.op != "QuantizeLinear" && node.op != "DequantizeLinear") continue;
    throw Error(network::place(graph_, node) + "the network is quantized already: train from the float one");
  }
  quantize::BitPlan plan = quantize::plan_bits(graph_, points_, settings_.bits);
  for (const std::string& value : wide) {
    int& width = plan.groups[points_.group_of.at(value)];
    width = std::max(width, settings_.residual_bits);
  }
  find_scores();
  for (std::size_t i = 0; i < points_.groups.size(); ++i) {
    const quantize::Points::Group& group = points_.groups[i];
    Activation activation;
    activation.type = network::quantized_type(plan.groups[i], !group.never_negative);
    activation.range = range_of(activation.type, 0);
    const network::Shape& shape = graph_.values.at(group.sources.at(0)).shape;
    activation.gradient_scale = step_gradient_scale(network::element_count(shape), activation.range.highest);
    activation.learned = !group.sigmoid;
    activations_.push_back(activation);
  }
  for (const auto& [name, constant] : graph_.constants) {
    if (constant.type == network::ElementType::float32) constants_[name] = to_torch(constant);
  }
  for (const Node& node : graph_.nodes) {
    if (has_weights(node)) make_layer(node, plan.weights.at(node.name));
  }
  std::set<std::string> read = {scores_};
  for (auto node = graph_.nodes.rbegin(); node != graph_.nodes.rend(); ++node) {
    for (const std::string& input : node->inputs) {
      if (graph_.constant(input) == nullptr && read.insert(input).second) last_reads_[node->name].push_back(input);
    }
  }
}

void TrainedNetwork::find_scores() {
  if (graph_.inputs.size() != 1 || graph_.outputs.size() != 1) {
    throw Error(graph_.source + ": cannot be trained: a network with one input and one output is expected");
  }
  scores_ = graph_.outputs[0].name;
  while (points_.host.count(scores_) != 0) scores_ = graph_.nodes[graph_.producer(scores_).value()].inputs[0];
  const network::Shape& shape = graph_.values.at(scores_).shape;
  classes_ = network::element_count(shape);
  if (shape.empty() || shape[0] != 1 || classes_ < 2) {
    throw Error(fmt::format("{}: cannot be trained: its output {} is no list of scores, one for each class",
                            graph_.source, network::to_string(shape)));
  }
}

Tensor TrainedNetwork::by_channel(const Tensor& values, const Layer& layer, std::int64_t rank) const {
  network::Shape shape(static_cast<std::size_t>(rank), 1);
  shape[static_cast<std::size_t>(layer.axis)] = layer.channels;
  return values.reshape(shape);
}

void TrainedNetwork::make_layer(const Node& node, int bits) {
  if (constants_.count(node.inputs[1]) == 0) {
    throw Error(network::place(graph_, node) + "cannot be trained: its weights are no float constant");
  }
  const Tensor weights = constants_.at(node.inputs[1]);
  Layer& layer = layers_[node.name];
  layer.bits = bits;
  layer.range = range_of(network::quantized_type(bits, true), 0);
  layer.gradient_scale = step_gradient_scale(weights.numel(), layer.range.highest);
  layer.axis = quantize::output_axis(node);
  layer.channels = weights.size(layer.axis);
  std::vector<std::int64_t> others;
  for (std::int64_t axis = 0; axis < weights.dim(); ++axis) {
    if (axis != layer.axis) others.push_back(axis);
  }
  const Tensor size = weights.square().mean(others).sqrt();  // of each channel
  const Tensor gain = torch::where(size > 0, size / size.square().mean().sqrt(), torch::ones_like(size));
  parameters_[node.name + "/gain"] = learned(gain);
  const Tensor even = weights / by_channel(gain, layer, weights.dim());
  parameters_[node.name + "/weights"] = learned(even);
  const double magnitude = even.abs().mean().item<double>();
  double step = initial_step(magnitude, layer.range.highest);
  if (settings_.initial_steps == InitialSteps::least_error) {
    const auto best =
        quantize::quantize_weights(network::Tensor::of_floats({1, even.numel()}, floats_of(even)), 0, {}, 1, bits);
    step = static_cast<double>(best.scales[0]);
  }
  if (step == 0) step = 1;  // weights of nothing but zeros
  parameters_[node.name + "/step"] = learned(scalar(step));
  layer.smallest_step = step / 64;
  if (node.op != "MatMul") {
    const std::vector<float> bias = quantize::bias_of(graph_, node);
    parameters_[node.name + "/bias"] = learned(torch::tensor(bias));
  }
}

Tensor TrainedNetwork::run(const Tensor& pictures, const Weighted& weighted, const Visit& visit) const {
  Values values;
  values[graph_.inputs[0].name] = visit(graph_.inputs[0].name, pictures);
  for (const Node& node : graph_.nodes) {
    if (values.count(scores_) != 0) break;
    std::vector<Tensor> inputs;
    for (const std::string& input : node.inputs) {
      if (input.empty()) continue;
      const auto value = values.find(input);
      inputs.push_back(value != values.end() ? value->second : constants_.at(input));
    }
    if (has_weights(node)) {
      values[node.outputs[0]] = visit(node.outputs[0], weighted(node, inputs));
    } else {
      const std::vector<Tensor> outputs = run_operator(graph_, node, inputs);
      for (std::size_t i = 0; i < outputs.size(); ++i) {
        if (!node.outputs[i].empty()) values[node.outputs[i]] = visit(node.outputs[i], outputs[i]);
      }
    }
    if (const auto done = last_reads_.find(node.name); done != last_reads_.end()) {
      for (const std::string& value : done->second) values.erase(value);
    }
  }
  const Tensor scores = values.at(scores_);
  return scores.reshape({scores.size(0), classes_});
}

Tensor TrainedNetwork::float_scores(const Tensor& pictures) const {
  const torch::NoGradGuard no_gradients;
  return run(
      pictures,
      [&](const Node& node, const std::vector<Tensor>& inputs) { return run_operator(graph_, node, inputs)[0]; },
      [](const std::string&, const Tensor& value) { return value; });
}

Tensor TrainedNetwork::scores(const Tensor& pictures, bool training) {
  return run(
      pictures,
      [&](const Node& node, const std::vector<Tensor>& inputs) { return layer_output(node, inputs[0], training); },
      [&](const std::string& name, const Tensor& value) { return quantized_value(name, value); });
}

Tensor TrainedNetwork::layer_output(const Node& node, const Tensor& input, bool training) {
  const Layer& layer = layers_.at(node.name);
  const Tensor weights =
      quantized(parameter(node.name + "/weights"), parameter(node.name + "/step"), layer.range, layer.gradient_scale);
  const Tensor& gain = parameter(node.name + "/gain");
  std::vector<Tensor> inputs = {input};
  const auto bias = parameters_.find(node.name + "/bias");
  if (statistics_.count(node.name + "/mean") != 0) {
    inputs.push_back(weights);
    return torch::batch_norm(run_operator(graph_, node, inputs)[0], gain, bias->second,
                             statistics_.at(node.name + "/mean"), statistics_.at(node.name + "/variance"), training,
                             momentum, epsilon, false);
  }
  inputs.push_back(weights * by_channel(gain, layer, weights.dim()));
  if (bias != parameters_.end()) inputs.push_back(bias->second);
  return run_operator(graph_, node, inputs)[0];
}

Tensor TrainedNetwork::quantized_value(const std::string& name, const Tensor& value) {
  const auto found = points_.group_of.find(name);
  if (found == points_.group_of.end()) return value;
  const quantize::Points::Group& group = points_.groups[found->second];
  // What only moves or picks values gives values of the same codes.
  if (std::find(group.sources.begin(), group.sources.end(), name) == group.sources.end()) return value;
  const Activation& activation = activations_[found->second];
  return quantized(value, parameter(group.sources[0] + "/step"), activation.range, activation.gradient_scale);
}

void TrainedNetwork::confine_parameters() {
  const torch::NoGradGuard no_gradients;
  for (const quantize::Points::Group& group : points_.groups) {
    parameter(group.sources[0] + "/step").clamp_(smallest_step, largest_step);
  }
  for (const auto& [name, layer] : layers_) {
    parameter(name + "/step").clamp_min_(layer.smallest_step);
    parameter(name + "/gain").clamp_min_(1e-4);
  }
}

// A bias has 32 bits at the scale of its layer's sums.
void TrainedNetwork::check_biases(const std::string& layer, const quantize::Decisions& decisions) const {
  const auto node =
      std::find_if(graph_.nodes.begin(), graph_.nodes.end(), [&](const Node& each) { return each.name == layer; });
  const float input_scale = decisions.of(points_, node->inputs[0]).scale;
  const std::vector<float>& scales = decisions.weights.at(layer).scales;
  for (std::size_t channel = 0; channel < scales.size(); ++channel) {
    const double code = static_cast<double>(decisions.biases.at(layer)[channel]) /
                        (static_cast<double>(input_scale) * static_cast<double>(scales[channel]));
    if (std::fabs(code) < 0x1p30) continue;
    throw Error(fmt::format("{}the bias of output channel {} no longer fits into 32 bits beside steps that small",
                            network::place(graph_, *node), channel));
  }
}

quantize::Decisions TrainedNetwork::decisions() const {
  quantize::Decisions decisions;
  for (std::size_t i = 0; i < points_.groups.size(); ++i) {
    const float step = parameters_.at(points_.groups[i].sources[0] + "/step").item<float>();
    decisions.groups.push_back({activations_[i].type, step, activations_[i].zero_point});
  }
  for (const auto& [name, layer] : layers_) {
    const std::vector<float> weights = floats_of(parameters_.at(name + "/weights"));
    const float step = parameters_.at(name + "/step").item<float>();
    // As code * 1, with the same arithmetic as in training.
    quantize::QuantizedWeights& quantized = decisions.weights[name];
    quantized.bits = layer.bits;
    std::vector<float> values(weights.size());
    quantize_values(weights.data(), values.data(), weights.size(), step, static_cast<float>(layer.range.lowest),
                    static_cast<float>(layer.range.highest));
    for (const float value : values) quantized.codes.push_back(std::llround(value / step));
    Tensor gain = parameters_.at(name + "/gain").detach().to(torch::kFloat64);
    const auto found = parameters_.find(name + "/bias");
    Tensor bias = found == parameters_.end() ? torch::zeros({layer.channels}, torch::kFloat64)
                                             : found->second.detach().to(torch::kFloat64);
    if (const auto mean = statistics_.find(name + "/mean"); mean != statistics_.end()) {
      gain = gain / (statistics_.at(name + "/variance").to(torch::kFloat64) + epsilon).sqrt();
      bias = bias - mean->second.to(torch::kFloat64) * gain;
    }
    quantized.scales = floats_of(gain * static_cast<double>(step));
    decisions.biases[name] = floats_of(bias);
    check_biases(name, decisions);
  }
  return decisions;
}

}  // namespace northpole::train
