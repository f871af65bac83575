#include "quantize/quantize.h"

#include "network/error.h"
#include "network/prepare.h"
#include "network/rewrites.h"
#include "quantize/correct_biases.h"
#include "quantize/emit.h"
#include "quantize/points.h"
#include "quantize/scales.h"

namespace northpole::quantize {

using network::Graph;

Graph quantize(const Graph& graph, const Calibration& calibration, const Options& options, const Progress& progress) {
  for (const network::Node& node : graph.nodes) {
    if (node.op != "QuantizeLinear" && node.op != "DequantizeLinear") continue;
    throw Error(network::place(graph, node) + "the network is quantized already: compile it as it is");
  }
  network::check_finite(graph);
  const Points points = find_points(graph);
  const BitPlan bits = plan_bits(graph, points, options.bits);
  const reference::FloatInterpreter network(graph);
  const auto histograms = observe(network, points, calibration, options.threads, progress);
  Decisions decisions;
  decisions.groups = choose_scales(graph, points, histograms, bits.groups, options.activations);
  for (const network::Node& node : graph.nodes) {
    if (!has_weights(node)) continue;
    const std::vector<float> bias = bias_of(graph, node);
    decisions.weights[node.name] =
        quantize_weights(*graph.constant(node.inputs[1]), output_axis(node), bias,
                         decisions.of(points, node.inputs[0]).scale, bits.weights.at(node.name));
    decisions.biases[node.name] = bias;
  }
  if (options.correct_biases) correct_biases(network, calibration, options.threads, decisions);
  return network::prepared(emit(graph, points, decisions));
}

}  // namespace northpole::quantize
