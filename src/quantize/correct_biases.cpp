#include "quantize/correct_biases.h"

#include <algorithm>
#include <mutex>
#include <set>

#include "reference/float_operators.h"

namespace northpole::quantize {
namespace {

using network::Graph;
using network::Node;
using network::Tensor;

constexpr std::int64_t most_pictures = 32;

// A weighted node with rounded minus float weights and no bias: by linearity, what rounding adds to its outputs.
struct Difference {
  Node node;
  reference::FloatOperator run;
  std::vector<std::vector<double>> means;  // by picture and channel
};

// Differences by the weighted node's output; none for nodes whose weights are exact.
std::map<std::string, Difference> differences_of(Graph& graph, const Decisions& decisions) {
  std::map<std::string, Difference> differences;
  for (Node node : graph.nodes) {
    if (node.op != "Conv" && node.op != "Gemm") continue;
    const Tensor& weights = *graph.constant(node.inputs[1]);
    Tensor rounding = real_weights(decisions.weights.at(node.name), weights.shape, output_axis(node));
    bool exact = true;
    for (std::int64_t i = 0; i < rounding.size(); ++i) {
      rounding.data<float>()[i] -= weights.data<float>()[i];
      exact = exact && rounding.data<float>()[i] == 0;
    }
    if (exact) continue;
    node.inputs = {node.inputs[0], node.name + " rounding"};
    graph.constants[node.inputs[1]] = std::move(rounding);
    differences[node.outputs[0]] = {node, reference::make_float_operator(graph, node), {}};
    graph.constants.erase(node.inputs[1]);
  }
  return differences;
}

std::vector<double> means_by_channel(const Tensor& output, const Node& node, std::size_t channels) {
  // Elements between two neighbours along the channels.
  const std::int64_t stride = node.op == "Conv" ? output.shape[2] * output.shape[3] : 1;
  std::vector<double> sums(channels, 0);
  for (std::int64_t i = 0; i < output.size(); ++i) {
    sums[static_cast<std::size_t>(i / stride) % channels] += static_cast<double>(output.data<float>()[i]);
  }
  for (double& sum : sums) sum *= static_cast<double>(channels) / static_cast<double>(output.size());
  return sums;
}

}  // namespace

void correct_biases(const reference::FloatInterpreter& network, const Calibration& calibration, int threads,
                    Decisions& decisions) {
  Graph graph = network.graph();
  std::map<std::string, Difference> differences = differences_of(graph, decisions);
  const std::int64_t pictures = std::min(calibration.count, most_pictures);
  std::set<std::string> inputs;
  for (auto& [output, difference] : differences) {
    difference.means.resize(static_cast<std::size_t>(pictures));
    inputs.insert(difference.node.inputs[0]);
  }
  if (differences.empty()) return;
  for_each_picture(pictures, threads, [&](std::int64_t picture) {
    std::map<std::string, Tensor> kept;
    network.run(calibration.inputs(picture), [&](const std::string& name, const Tensor& value) {
      if (inputs.count(name) != 0) kept[name] = value;
      auto found = differences.find(name);
      if (found == differences.end()) return;
      Difference& difference = found->second;
      const Tensor added = difference.run({&kept.at(difference.node.inputs[0]), nullptr})[0];
      difference.means[static_cast<std::size_t>(picture)] =
          means_by_channel(added, difference.node, decisions.biases.at(difference.node.name).size());
    });
  });
  for (const auto& [output, difference] : differences) {
    std::vector<float>& bias = decisions.biases.at(difference.node.name);
    for (std::size_t channel = 0; channel < bias.size(); ++channel) {
      double sum = 0;
      for (const auto& of_picture : difference.means) sum += of_picture[channel];  // in the pictures' order
      bias[channel] -= static_cast<float>(sum / static_cast<double>(pictures));
    }
  }
}

}  // namespace northpole::quantize
