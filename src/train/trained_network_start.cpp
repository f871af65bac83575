// The first values of what is learned, from the float network's own values on some pictures.
#include <fmt/format.h>
#include <torch/nn/functional.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "network/error.h"
#include "quantize/ranges.h"
#include "quantize/weights.h"
#include "train/graph_operators.h"
#include "train/trained_network.h"

namespace northpole::train {

using network::Node;
using torch::Tensor;

namespace {

void add_to(quantize::Histogram& histogram, const Tensor& value) {
  const Tensor values = value.contiguous();
  histogram.add(values.data_ptr<float>(), values.numel());
}

}  // namespace

void TrainedNetwork::start_normalisation(const Node& node, const Tensor& output) {
  const Tensor bias = parameters_.at(node.name + "/bias").detach(), gain = parameters_.at(node.name + "/gain").detach();
  // Of what the weights give before gain and bias.
  const Tensor mean = (output.mean({0, 2, 3}) - bias) / gain;
  const Tensor variance = output.var({0, 2, 3}, false) / gain.square();
  statistics_[node.name + "/mean"] = mean;
  statistics_[node.name + "/variance"] = variance;
  parameters_[node.name + "/gain"] = learned(gain * (variance + epsilon).sqrt());
  parameters_[node.name + "/bias"] = learned(bias + mean * gain);
}

void TrainedNetwork::start_from(const Tensor& pictures) {
  const torch::NoGradGuard no_gradients;
  std::set<std::size_t> before_layers;  // groups that layers with weights read: what the paper quantizes
  for (const Node& node : graph_.nodes) {
    if (quantize::has_weights(node)) before_layers.insert(points_.group_of.at(node.inputs[0]));
  }
  std::vector<quantize::Histogram> histograms(points_.groups.size());
  std::vector<double> magnitudes(points_.groups.size()), counts(points_.groups.size());
  const auto observe = [&](const std::string& name, const Tensor& value) {
    const auto found = points_.group_of.find(name);
    if (found == points_.group_of.end()) return value;
    const auto& sources = points_.groups[found->second].sources;
    if (std::find(sources.begin(), sources.end(), name) == sources.end()) return value;
    if (!value.isfinite().all().item<bool>()) {
      throw Error(
          fmt::format("{}: value '{}' becomes infinite or not a number on a training picture", graph_.source, name));
    }
    add_to(histograms[found->second], value);
    magnitudes[found->second] += value.abs().sum(torch::kFloat64).item<double>();
    counts[found->second] += static_cast<double>(value.numel());
    return value;
  };
  run(
      pictures,
      [&](const Node& node, const std::vector<Tensor>& inputs) {
        const Tensor output = run_operator(graph_, node, inputs)[0];
        if (settings_.batch_norm && node.op == "Conv") start_normalisation(node, output);
        return output;
      },
      observe);
  for (std::size_t i = 0; i < points_.groups.size(); ++i) {
    const quantize::Points::Group& group = points_.groups[i];
    Activation& activation = activations_[i];
    const int bits = network::element_bits(activation.type);
    double step = 0;
    if (group.sigmoid) {
      step = std::ldexp(1.0, -bits);
    } else if (settings_.initial_steps == InitialSteps::published && before_layers.count(i) != 0) {
      step = initial_step(magnitudes[i] / counts[i], activation.range.highest);
    } else {
      const auto best = quantize::choose_quantization(histograms[i], group.never_negative,
                                                      quantize::RangeMethod::mean_squared_error, bits);
      activation.type = best.type;
      activation.zero_point = best.zero_point;
      activation.range = range_of(best.type, best.zero_point);
      step = static_cast<double>(best.scale);
    }
    parameters_[group.sources[0] + "/step"] =
        torch::full({}, std::clamp(step, smallest_step, largest_step), torch::kFloat32);
    parameters_[group.sources[0] + "/step"].set_requires_grad(activation.learned);
  }
}

}  // namespace northpole::train
