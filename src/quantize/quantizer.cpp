#include "quantize/quantizer.h"

#include <algorithm>

#include "network/error.h"
#include "network/prepare.h"
#include "network/rewrites.h"
#include "quantize/correct_biases.h"
#include "quantize/equalize.h"
#include "quantize/learn_rounding.h"
#include "quantize/points.h"
#include "quantize/scales.h"

namespace northpole::quantize {

using network::Graph;

namespace {

// Throws Error for what cannot be quantized.
const Graph& checked(const Graph& graph, const Calibration& calibration) {
  for (const network::Node& node : graph.nodes) {
    if (node.op != "QuantizeLinear" && node.op != "DequantizeLinear") continue;
    throw Error(network::place(graph, node) + "the network is quantized already: compile it as it is");
  }
  network::check_finite(graph);
  if (calibration.count <= 0) throw Error("calibration needs at least one picture");
  return graph;
}

}  // namespace

Quantizer::Quantizer(const Graph& graph, Calibration calibration, const Options& options, const Progress& progress)
    : graph_(checked(graph, calibration)), calibration_(std::move(calibration)), options_(options) {
  if (options.equalize) graph_ = equalized(std::move(graph_), calibration_, options.threads);
  points_ = find_points(graph_);
  histograms_ = observe(reference::FloatInterpreter(graph_), points_, calibration_, options.threads, progress);
}

Decisions Quantizer::nearest(const BitChoice& choice) const {
  const BitPlan bits = plan_bits(graph_, points_, choice);
  Decisions decisions;
  decisions.groups =
      choose_scales(graph_, points_, histograms_, bits.groups, options_.activations, options_.kept_percent);
  for (const network::Node& node : graph_.nodes) {
    if (!has_weights(node)) continue;
    const std::vector<float> bias = bias_of(graph_, node);
    decisions.weights[node.name] =
        quantize_weights(*graph_.constant(node.inputs[1]), output_axis(node), bias,
                         decisions.of(points_, node.inputs[0]).scale, bits.weights.at(node.name));
    decisions.biases[node.name] = bias;
  }
  return decisions;
}

Graph Quantizer::quantized(const BitChoice& bits, const Progress& progress) const {
  Decisions decisions = nearest(bits);
  const bool narrow = std::any_of(decisions.weights.begin(), decisions.weights.end(),
                                  [](const auto& of_layer) { return of_layer.second.bits < 8; });
  if (options_.learn_rounding.value_or(narrow)) {
    LearningOptions learning;
    learning.threads = options_.threads;
    learn_rounding(graph_, points_, calibration_, learning, decisions, progress);
  } else if (options_.correct_biases) {
    correct_biases(reference::FloatInterpreter(graph_), calibration_, options_.threads, decisions);
  }
  return written(decisions);
}

Graph Quantizer::written(const Decisions& decisions) const {
  return network::prepared(emit(graph_, points_, decisions));
}

}  // namespace northpole::quantize
