#include "quantize/quantize.h"

#include "network/error.h"
#include "network/prepare.h"
#include "network/rewrites.h"
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
  std::vector<std::string> sources;
  for (const Points::Group& group : points.groups) sources.insert(sources.end(), group.sources.begin(), group.sources.end());
  const reference::FloatInterpreter network(graph);
  const auto histograms = observe(network, sources, calibration, options.threads, progress);
  Decisions decisions;
  decisions.groups = choose_scales(graph, points, histograms, options.activations);
  return network::prepared(emit(graph, points, decisions));
}

}  // namespace northpole::quantize
