#include "train/residual_stream.h"

#include <algorithm>

#include "network/prepare.h"
#include "quantize/points.h"
#include "quantize/weights.h"

namespace northpole::train {

namespace {

bool name_is_taken(const network::Graph& graph, const std::string& name) {
  return graph.values.count(name) != 0 || graph.constants.count(name) != 0 ||
         std::any_of(graph.nodes.begin(), graph.nodes.end(), [&](const auto& node) { return node.name == name; });
}

}  // namespace

network::Graph with_separate_stream(network::Graph graph, std::set<std::string>& wide) {
  const quantize::Points points = quantize::find_points(graph);
  std::vector<network::Node> nodes;
  for (std::size_t index = 0; index < graph.nodes.size(); ++index) {
    nodes.push_back(graph.nodes[index]);
    for (const std::string& value : graph.nodes[index].outputs) {
      if (!points.quantized(value) || !points.groups[points.group_of.at(value)].never_negative) continue;
      std::vector<std::size_t> layers;
      const std::vector<std::size_t> readers = graph.consumers(value);
      for (const std::size_t reader : readers) {
        if (quantize::has_weights(graph.nodes[reader])) layers.push_back(reader);
      }
      if (layers.empty() || layers.size() == readers.size()) continue;
      std::string narrow = value + "_narrow";
      while (name_is_taken(graph, narrow)) narrow += "_";
      nodes.push_back({narrow, "Relu", "", {value}, {narrow}, {}});
      for (const std::size_t layer : layers) graph.nodes[layer].inputs[0] = narrow;
      wide.insert(value);
    }
  }
  graph.nodes = std::move(nodes);
  return network::prepared(std::move(graph));
}

}  // namespace northpole::train
