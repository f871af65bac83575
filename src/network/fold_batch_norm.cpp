#include <cmath>

#include "network/add_constant.h"
#include "network/node_view.h"
#include "network/rewrites.h"

namespace northpole::network {
namespace {

// Batch normalisation as y = x * scale + offset, by channel; in double, so that folding rounds each weight only once.
struct Affine {
  std::vector<double> scale, offset;
};

Affine affine_of(const NodeView& view) {
  if (view.node.integer("training_mode", 0) != 0) view.fail("it is in training mode; export the network for inference");
  if (view.node.integer("spatial", 1) == 0) view.fail("spatial = 0 is not supported");
  if (view.rank(0) < 2) view.fail("its input has no channels");
  const double epsilon = static_cast<double>(view.node.real("epsilon", 1e-5f));
  const std::int64_t channels = view.shape(0)[1];
  for (std::size_t i = 1; i < 5; ++i) {
    if (view.constant(i) == nullptr) view.fail("its scale, bias, mean and variance must be constants");
    if (view.constant(i)->shape != Shape{channels})
      view.fail("its parameters " + to_string(view.constant(i)->shape) + " do not fit the " + std::to_string(channels) +
                " channels");
  }
  Affine affine;
  for (std::int64_t c = 0; c < channels; ++c) {
    const double variance = view.constant(4)->number(c) + epsilon;
    if (!(variance > 0)) view.fail("the variance of channel " + std::to_string(c) + " is not positive");
    affine.scale.push_back(view.constant(1)->number(c) / std::sqrt(variance));
    affine.offset.push_back(view.constant(2)->number(c) - view.constant(3)->number(c) * affine.scale.back());
  }
  return affine;
}

// The layer whose weights can take the normalisation up: it feeds nothing else, and its weights are plain constants.
Node* layer_before(Graph& graph, const Node& normalization) {
  const std::string& value = normalization.inputs[0];
  const auto producer = graph.producer(value);
  if (!producer || graph.is_output(value) || graph.consumers(value).size() != 1) return nullptr;
  Node& layer = graph.nodes[*producer];
  if (!layer.domain.empty() || (layer.op != "Conv" && layer.op != "Gemm")) return nullptr;
  if (layer.op == "Gemm" && (layer.real("alpha", 1) != 1 || layer.real("beta", 1) != 1))
    return nullptr;  // not yet normal
  for (std::size_t i = 1; i < layer.inputs.size(); ++i) {
    const Tensor* tensor = graph.constant(layer.inputs[i]);
    if (!layer.inputs[i].empty() && (tensor == nullptr || tensor->type != ElementType::float32)) return nullptr;
  }
  return &layer;
}

// False when the bias cannot take an offset by output channel.
bool fold_into(Graph& graph, Node& layer, const Affine& affine) {
  const auto channels = static_cast<std::int64_t>(affine.scale.size());
  const bool has_bias = layer.inputs.size() > 2 && !layer.inputs[2].empty();
  if (has_bias && graph.constant(layer.inputs[2])->shape != Shape{channels}) return false;
  Tensor weights = *graph.constant(layer.inputs[1]);
  // The output channel is the first axis of Conv's weights and of Gemm's turned B, the last of a plain B.
  const bool last = layer.op == "Gemm" && layer.integer("transB", 0) == 0;
  const std::int64_t inner = last ? 1 : weights.size() / channels;
  for (std::int64_t i = 0; i < weights.size(); ++i) {
    const auto channel = static_cast<std::size_t>(i / inner % channels);
    weights.data<float>()[i] = static_cast<float>(weights.number(i) * affine.scale[channel]);
  }
  Tensor bias = Tensor::zeros(ElementType::float32, {channels});
  for (std::int64_t c = 0; c < channels; ++c) {
    const auto channel = static_cast<std::size_t>(c);
    const double before = has_bias ? graph.constant(layer.inputs[2])->number(c) : 0.0;
    bias.data<float>()[c] = static_cast<float>(before * affine.scale[channel] + affine.offset[channel]);
  }
  layer.inputs = {
      layer.inputs[0], add_constant(graph, layer.inputs[1] + "_normalized", std::move(weights)),
      add_constant(graph, has_bias ? layer.inputs[2] + "_normalized" : layer.inputs[1] + "_bias", std::move(bias))};
  return true;
}

Tensor by_channel(const std::vector<double>& values, std::size_t rank) {
  Shape shape(rank - 1, 1);
  shape[0] = static_cast<std::int64_t>(values.size());
  return Tensor::of_floats(shape, std::vector<float>(values.begin(), values.end()));
}

}  // namespace

bool fold_batch_norm(Graph& graph) {
  bool changed = false;
  for (std::size_t i = 0; i < graph.nodes.size(); ++i) {
    if (graph.nodes[i].op != "BatchNormalization" || !graph.nodes[i].domain.empty()) continue;
    changed = true;
    const Node node = graph.nodes[i];
    const NodeView view(graph, node);
    const Affine affine = affine_of(view);
    Node* layer = layer_before(graph, node);
    if (layer != nullptr && fold_into(graph, *layer, affine)) {
      layer->outputs[0] = node.outputs[0];
      graph.nodes.erase(graph.nodes.begin() + static_cast<std::ptrdiff_t>(i--));
      continue;
    }
    const auto rank = static_cast<std::size_t>(view.rank(0));
    const std::string scaled = add_value(graph, node.outputs[0] + "_scaled", view.input(0));
    const std::string scale = add_constant(graph, node.name + "_scale", by_channel(affine.scale, rank));
    const std::string offset = add_constant(graph, node.name + "_offset", by_channel(affine.offset, rank));
    graph.nodes[i] = Node{node.name + "_scale", "Mul", "", {node.inputs[0], scale}, {scaled}, {}};
    graph.nodes.insert(graph.nodes.begin() + static_cast<std::ptrdiff_t>(i) + 1,
                       Node{node.name, "Add", "", {scaled, offset}, {node.outputs[0]}, {}});
  }
  return changed;
}

}  // namespace northpole::network
