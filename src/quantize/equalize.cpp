#include "quantize/equalize.h"

#include <algorithm>
#include <cmath>
#include <mutex>

#include "quantize/weights.h"
#include "reference/float_interpreter.h"

namespace northpole::quantize {
namespace {

using network::Graph;
using network::Node;
using network::Tensor;

constexpr std::int64_t most_pictures = 32;
constexpr int rounds = 3;              // over all pairs: in a chain, one changes what the next one sees
constexpr double largest_factor = 64;  // beside the mean factor of a pair's channels

// Gives c f(x) for c x, channel by channel, for c > 0.
bool keeps_factors(const Node& node) {
  return node.op == "Relu" || node.op == "LeakyRelu" || node.op == "MaxPool" || node.op == "AveragePool" ||
         node.op == "GlobalAveragePool";
}

// Two layers with weights, and the value between them that the second one reads.
struct Pair {
  std::size_t first = 0, second = 0;
  std::string value;
  std::vector<double> ranges;  // of the value's channels: the largest magnitude
};

bool read_once(const Graph& graph, const std::string& value) {
  return !graph.is_output(value) && graph.consumers(value).size() == 1;
}

bool has_constants_of_its_own(const Graph& graph, const Node& node) {
  return std::all_of(node.inputs.begin() + 1, node.inputs.end(), [&](const std::string& input) {
    return input.empty() || (graph.constant(input) != nullptr && read_once(graph, input));
  });
}

// The channels of a weighted node's input or output stand along axis 1: always in a Conv, else with two dimensions.
bool channels_along_one(const Graph& graph, const Node& node) {
  return node.op == "Conv" || graph.values.at(node.outputs[0]).shape.size() == 2;
}

std::vector<Pair> pairs_of(const Graph& graph) {
  std::vector<Pair> pairs;
  for (std::size_t second = 0; second < graph.nodes.size(); ++second) {
    const Node& node = graph.nodes[second];
    if (!has_weights(node) || !channels_along_one(graph, node) || !has_constants_of_its_own(graph, node)) continue;
    std::string value = node.inputs[0];
    std::optional<std::size_t> producer;
    while (read_once(graph, value) && (producer = graph.producer(value)) && keeps_factors(graph.nodes[*producer])) {
      value = graph.nodes[*producer].inputs[0];
    }
    if (!read_once(graph, value) || !(producer = graph.producer(value))) continue;
    const Node& first = graph.nodes[*producer];
    if (!has_weights(first) || !channels_along_one(graph, first) || !has_constants_of_its_own(graph, first)) continue;
    const std::int64_t channels = graph.values.at(node.inputs[0]).shape[1];
    pairs.push_back({*producer, second, node.inputs[0], std::vector<double>(static_cast<std::size_t>(channels))});
  }
  return pairs;
}

void observe_ranges(const Graph& graph, const Calibration& calibration, int threads, std::vector<Pair>& pairs) {
  const reference::FloatInterpreter network(graph);
  std::map<std::string, Pair*> by_value;
  for (Pair& pair : pairs) by_value[pair.value] = &pair;
  std::mutex lock;
  for_each_picture(std::min(calibration.count, most_pictures), threads, [&](std::int64_t picture) {
    network.run(calibration.inputs(picture), [&](const std::string& name, const Tensor& value) {
      const auto found = by_value.find(name);
      if (found == by_value.end()) return;
      std::vector<double>& ranges = found->second->ranges;
      const std::int64_t channels = value.shape[1], plane = value.size() / (value.shape[0] * channels);
      std::vector<double> largest(ranges.size());
      for (std::int64_t i = 0; i < value.size(); ++i) {
        double& range = largest[static_cast<std::size_t>(i / plane % channels)];
        range = std::max(range, static_cast<double>(std::fabs(value.data<float>()[i])));
      }
      const std::lock_guard locked(lock);
      for (std::size_t c = 0; c < ranges.size(); ++c) ranges[c] = std::max(ranges[c], largest[c]);
    });
  });
}

// Calls visit(weight, channel) for every weight, with the input channel that it multiplies.
template <typename Visit>
void for_each_input_weight(const Node& node, Tensor& weights, const Visit& visit) {
  float* data = weights.data<float>();
  if (node.op == "Conv") {
    const std::int64_t groups = node.integer("group", 1), of_group = weights.shape[1];
    const std::int64_t rows = weights.shape[0] / groups, window = weights.size() / (weights.shape[0] * of_group);
    for (std::int64_t i = 0; i < weights.size(); ++i) {
      const std::int64_t row = i / (window * of_group);
      visit(data[i], static_cast<std::size_t>(row / rows * of_group + i / window % of_group));
    }
    return;
  }
  const bool inputs_first = output_axis(node) == 1;
  for (std::int64_t i = 0; i < weights.size(); ++i) {
    visit(data[i], static_cast<std::size_t>(inputs_first ? i / weights.shape[1] : i % weights.shape[1]));
  }
}

double power_of_two(double factor) { return std::exp2(std::round(std::log2(factor))); }

// What each channel of the pair's value is to be divided by; 1 for a channel that is always zero.
std::vector<double> factors_of(const Graph& graph, const Pair& pair) {
  const Node& second = graph.nodes[pair.second];
  Tensor weights = *graph.constant(second.inputs[1]);
  std::vector<double> largest(pair.ranges.size());
  for_each_input_weight(second, weights, [&](float weight, std::size_t channel) {
    largest[channel] = std::max(largest[channel], static_cast<double>(std::fabs(weight)));
  });
  // A depthwise layer has scales for each channel of its own: there, only the results count.
  const bool depthwise = second.op == "Conv" && weights.shape[1] == 1;
  std::vector<double> factors(largest.size(), 1);
  double logarithms = 0, live = 0;
  const auto is_live = [&](std::size_t c) { return pair.ranges[c] > 0 && largest[c] > 0; };
  for (std::size_t c = 0; c < factors.size(); ++c) {
    if (!is_live(c)) continue;
    factors[c] = depthwise ? pair.ranges[c] : std::sqrt(pair.ranges[c] / largest[c]);
    logarithms += std::log2(factors[c]);
    live += 1;
  }
  const double mean = live > 0 ? std::exp2(logarithms / live) : 1;
  for (std::size_t c = 0; c < factors.size(); ++c) {
    if (is_live(c)) factors[c] = power_of_two(std::clamp(factors[c] / mean, 1 / largest_factor, largest_factor));
  }
  return factors;
}

void apply(Graph& graph, Pair& pair, const std::vector<double>& factors) {
  const Node& first = graph.nodes[pair.first];
  const Node& second = graph.nodes[pair.second];
  Tensor& weights = graph.constants.at(first.inputs[1]);
  const std::int64_t axis = output_axis(first);
  std::int64_t inner = 1;
  for (std::size_t i = static_cast<std::size_t>(axis) + 1; i < weights.shape.size(); ++i) inner *= weights.shape[i];
  for (std::int64_t i = 0; i < weights.size(); ++i) {
    const auto channel = static_cast<std::size_t>(i / inner % weights.shape[static_cast<std::size_t>(axis)]);
    weights.data<float>()[i] /= static_cast<float>(factors[channel]);
  }
  if (first.inputs.size() > 2 && !first.inputs[2].empty()) {
    Tensor& bias = graph.constants.at(first.inputs[2]);
    for (std::int64_t i = 0; i < bias.size(); ++i) {
      bias.data<float>()[i] /= static_cast<float>(factors[static_cast<std::size_t>(i)]);
    }
  }
  for_each_input_weight(second, graph.constants.at(second.inputs[1]),
                        [&](float& weight, std::size_t channel) { weight *= static_cast<float>(factors[channel]); });
  for (std::size_t c = 0; c < factors.size(); ++c) pair.ranges[c] /= factors[c];
}

}  // namespace

Graph equalized(Graph graph, const Calibration& calibration, int threads) {
  std::vector<Pair> pairs = pairs_of(graph);
  if (pairs.empty()) return graph;
  observe_ranges(graph, calibration, threads, pairs);
  for (int round = 0; round < rounds; ++round) {
    for (Pair& pair : pairs) apply(graph, pair, factors_of(graph, pair));
  }
  return graph;
}

}  // namespace northpole::quantize
