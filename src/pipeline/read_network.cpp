#include <fmt/format.h>

#include <algorithm>

#include "data/class_names.h"
#include "data/picture_transform.h"
#include "network/error.h"
#include "network/prepare.h"
#include "northpole/network.h"
#include "onnx/read_onnx.h"

namespace northpole {
namespace {

constexpr const char* picture_key = "northpole.picture";
constexpr const char* classes_key = "northpole.classes";

bool can_be_a_picture(const network::Shape& shape) {
  try {
    data::default_transform(shape);
    return true;
  } catch (const Error&) {
    return false;
  }
}

void settle_picture(network::Graph& graph, const std::string& picture) {
  if (graph.inputs.empty()) return;  // refused where the network is used
  const bool known = graph.metadata.count(picture_key) != 0 || can_be_a_picture(graph.inputs.front().shape);
  if (picture.empty()) {
    // What is only a default now would be one of another version later: it is written down.
    if (known) graph.metadata[picture_key] = data::to_json(data::transform_of(graph));
    return;
  }
  const data::PictureTransform before = known ? data::transform_of(graph) : data::PictureTransform{};
  graph.metadata[picture_key] = data::to_json(data::transform_from_json(picture, before));
  data::transform_of(graph);  // does it fit the input?
}

}  // namespace

network::Graph read_network(const std::string& path, const InputOptions& options) {
  network::Graph graph = network::prepared(onnx::read_onnx(path));
  settle_picture(graph, options.picture);
  if (!options.classes.empty()) graph.metadata[classes_key] = data::class_names_to_json(options.classes);
  return graph;
}

bool is_quantized(const network::Graph& graph) {
  return std::any_of(graph.nodes.begin(), graph.nodes.end(), [](const network::Node& node) {
    return node.op == "QuantizeLinear" || node.op == "DequantizeLinear";
  });
}

}  // namespace northpole
