#include "lower/lower.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>

#include "lower/fuse.h"
#include "lower/lowering.h"
#include "network/error.h"
#include "network/half_float.h"
#include "network/host_share.h"

namespace northpole::lower {

using network::Node;

LayerGraph lower(const network::Graph& graph, const chip::ChipDescription& chip, const Options& options) {
  LayerGraph layers = Lowering(graph, chip, options).run();
  fuse(layers, options, chip);
  return layers;
}

LayerGraph Lowering::run() {
  result_.name = graph_.name;
  if (graph_.inputs.size() != 1)
    throw Error(graph_.source + ": the network has " + std::to_string(graph_.inputs.size()) +
                " inputs; exactly one is supported");
  for (const Node& node : graph_.nodes) {
    for (const std::string& value : node.outputs)
      if (auto found = graph_.values.find(value); found != graph_.values.end()) check_size(node, found->second.shape);
    visit(node);
  }
  finish_outputs();
  if (auto found = graph_.metadata.find("northpole.picture"); found != graph_.metadata.end())
    result_.picture_transform = found->second;
  if (auto found = graph_.metadata.find("northpole.classes"); found != graph_.metadata.end()) {
    const auto classes = nlohmann::json::parse(found->second, nullptr, false);
    if (classes.is_array())
      for (const auto& name : classes)
        if (name.is_string()) result_.classes.push_back(name.get<std::string>());
  }
  if (result_.layers.empty()) throw Error(graph_.source + ": the network computes nothing on the machine");
  return std::move(result_);
}

void Lowering::refuse(const Node& node, const std::string& why) const {
  throw Error(network::place(graph_, node) + why);
}

void Lowering::visit(const Node& node) {
  const std::string& op = node.op;
  if (op == "QuantizeLinear") return quantize(node);
  if (op == "DequantizeLinear") {
    if (graph_.constant(node.inputs[0]) != nullptr) return;  // a weight, read where it is used
    if (node.inputs[0] == graph_.inputs[0].name && !has_view(node.inputs[0])) input_codes(node);
    // Codes mean what those who read them say.
    ElementView codes = view_of(node, 0);
    const Quantization q = activation_quantization(graph_, node);
    if (q.bits != codes.quantization.bits || q.is_signed != codes.quantization.is_signed)
      refuse(node, "its type differs from that of the codes before it");
    codes.quantization = q;
    views_[node.outputs[0]] = codes;
    return;
  }
  if (network::is_before_quantization(graph_, node)) return visit_before_quantization(node);
  if (op == "Softmax" || op == "ArgMax" || (op == "Reshape" && host_values_.count(node.inputs[0])) ||
      network::is_behind_quantization(graph_, node))
    return visit_on_host(node);
  if (op == "Relu" || op == "Clip") {
    Pending pending;
    if (auto found = pending_.find(node.inputs[0]); found != pending_.end())
      pending = found->second;
    else
      pending.views.push_back(view_of(node, 0));
    // A bound that is absent leaves things as they are; bounds apply one after another.
    const float low = op == "Relu" ? 0.0F : node.real("min", -std::numeric_limits<float>::infinity());
    const float high = op == "Relu" ? std::numeric_limits<float>::infinity()
                                    : node.real("max", std::numeric_limits<float>::infinity());
    pending.lowest = std::min(std::max(pending.lowest, low), high);
    pending.highest = std::min(std::max(pending.highest, low), high);
    pending.narrowed = true;
    pending_[node.outputs[0]] = pending;
    return;
  }
  if (op == "Split") {
    const auto pieces = split(node, view_of(node, 0));
    for (std::size_t i = 0; i < pieces.size(); ++i)
      if (!node.outputs[i].empty()) views_[node.outputs[i]] = pieces[i];
    return;
  }
  if (op == "Concat") {
    std::vector<ElementView> inputs;
    for (std::size_t i = 0; i < node.inputs.size(); ++i) inputs.push_back(view_of(node, i));
    const bool equal = std::all_of(inputs.begin(), inputs.end(),
                                   [&](const auto& v) { return v.quantization == inputs[0].quantization; });
    if (equal)
      views_[node.outputs[0]] = moved(node, inputs);
    else
      pending_[node.outputs[0]] = Pending{&node, inputs};
    return;
  }
  if (moves_only(op)) {
    views_[node.outputs[0]] = moved(node, {view_of(node, 0)});
    return;
  }
  pending_[node.outputs[0]] = Pending{&node, {}};
}

// Before memory is taken for it.
void Lowering::check_size(const Node& node, const network::Shape& shape) const {
  const std::int64_t memory =
      std::int64_t{chip_.cores()} * chip_.memory_words() + std::int64_t{chip_.rows} * chip_.frame_words_per_row;
  const std::int64_t most = std::min<std::int64_t>(memory * chip::word_bytes, std::numeric_limits<std::int32_t>::max());
  if (network::element_count(shape) > most)
    refuse(node, "a tensor of shape " + network::to_string(shape) + " does not fit into the chip's memory of " +
                     std::to_string(memory * chip::word_bytes >> 20) + " MiB");
}

void Lowering::quantize_input(const Node& node) {
  take_input(node, node.outputs[0], activation_quantization(graph_, node));
  if (const auto found = input_operations_.find(node.inputs[0]); found != input_operations_.end())
    result_.input.layout.operations = found->second;
}

// The host writes codes as the numbers that they are.
void Lowering::input_codes(const Node& node) {
  const auto& port = graph_.inputs[0];
  if (!network::is_quantized_type(port.type))
    refuse(node, "the network's input of type " + std::string(network::element_name(port.type)) +
                     " is not supported; codes of 8, 4 or 2 bit are");
  Quantization numbers;
  numbers.is_signed = network::lowest_code(port.type) < 0;
  numbers.bits = network::element_bits(port.type);
  take_input(node, port.name, numbers);
}

void Lowering::take_input(const Node& node, const std::string& codes, const Quantization& q) {
  const auto& port = graph_.inputs[0];
  check_size(node, port.shape);
  if (!extent(port.shape))
    refuse(node, "the network's input of shape " + network::to_string(port.shape) +
                     " is not supported: batch 1 and at most height and width");
  const std::int32_t tensor = add_tensor(codes, node, port.shape, q, true);
  const StoredTensor& stored = result_.tensors[static_cast<std::size_t>(tensor)];
  program::FrameLayout& layout = result_.input.layout;
  if (!layout.tensor.empty())
    refuse(node, "a second QuantizeLinear reads the network's input; let one serve all readers");
  result_.input.tensor = tensor;
  layout.tensor = stored.name;
  layout.blocks = static_cast<std::uint32_t>(stored.blocks());
  layout.height = static_cast<std::uint32_t>(stored.height);
  layout.width = static_cast<std::uint32_t>(stored.width);
  for (std::int32_t lane = 0; lane < stored.blocks() * stored.block_channels(); ++lane) {
    layout.channel.push_back(lane < stored.channels ? lane : -1);
    layout.offset_y.push_back(0);
    layout.offset_x.push_back(0);
  }
  layout.padding = static_cast<std::uint8_t>(q.zero_point);
  layout.shape = port.shape;
  layout.channels = static_cast<std::uint32_t>(stored.channels);
  layout.tensor_height = static_cast<std::uint32_t>(stored.height);
  layout.tensor_width = static_cast<std::uint32_t>(stored.width);
  layout.is_signed = q.is_signed;
  layout.bits = static_cast<std::uint8_t>(q.bits);
  layout.scale = q.scale;
  layout.zero_point = q.zero_point;
  views_[codes] = whole(tensor, stored, port.shape);
}

void Lowering::quantize(const Node& node) {
  if (graph_.constant(node.inputs[0]) != nullptr) refuse(node, "it quantizes a constant; fold it into the file");
  if (node.inputs[0] == graph_.inputs[0].name || input_operations_.count(node.inputs[0])) return quantize_input(node);
  const Quantization q = activation_quantization(graph_, node);
  current_output_ = node.outputs[0];
  Pending pending;
  if (auto found = pending_.find(node.inputs[0]); found != pending_.end())
    pending = found->second;
  else
    pending.views.push_back(view_of(node, 0));
  const auto code = [&](float value) {
    if (std::isinf(value)) return value > 0 ? q.highest() : q.lowest();
    const double rounded = std::nearbyint(static_cast<double>(value / q.scale)) + q.zero_point;
    return static_cast<std::int32_t>(std::clamp<double>(rounded, q.lowest(), q.highest()));
  };
  const CodeRange range{code(pending.lowest), code(pending.highest)};
  const auto& shape = graph_.values.at(node.inputs[0]).shape;

  if (pending.node == nullptr || pending.node->op == "Concat") {
    // A move whose output is quantized otherwise: requantize what goes in, then move.
    std::vector<ElementView> inputs;
    for (const ElementView& view : pending.views) {
      if (view.quantization == q && !pending.narrowed) {
        inputs.push_back(view);
        continue;
      }
      Layer layer = requantized(node, canonical(node, view), q, range);
      const bool whole_value = pending.views.size() == 1;
      const std::int32_t tensor =
          add_tensor(whole_value ? current_output_ : current_output_ + " part " + std::to_string(inputs.size()), node,
                     view.shape, q, whole_value);
      add_layer(std::move(layer), tensor);
      inputs.push_back(whole(tensor, result_.tensors[static_cast<std::size_t>(tensor)], view.shape));
    }
    views_[node.outputs[0]] = pending.node == nullptr ? inputs[0] : moved(*pending.node, inputs);
    return;
  }

  const Node& made_by = *pending.node;
  const std::string& op = made_by.op;
  Layer layer;
  if (op == "Conv")
    layer = convolution(made_by, q, range);
  else if (op == "Gemm" || op == "MatMul")
    layer = matrix_product(made_by, q, range);
  else if (op == "AveragePool" || op == "GlobalAveragePool" || op == "ReduceMean")
    layer = average(made_by, q, range);
  else if (op == "Add" || op == "Sub" || op == "Mul")
    layer = binary(made_by, q, range);
  else if (op == "MaxPool")
    layer = maximum(made_by, q, range);
  else
    layer = unary(made_by, q, range);
  // A matrix product makes a vector, whatever the rank of its shape.
  const bool vector = op == "Gemm" || op == "MatMul";
  const std::int32_t tensor =
      add_tensor(current_output_, made_by, vector ? network::Shape{network::element_count(shape)} : shape, q, true);
  add_layer(std::move(layer), tensor);
  views_[node.outputs[0]] = whole(tensor, result_.tensors[static_cast<std::size_t>(tensor)], shape);
}

std::int32_t Lowering::add_tensor(const std::string& name, const Node& node, const network::Shape& shape,
                                  const Quantization& q, bool in_graph) {
  const auto size = extent(shape);
  if (!size)
    refuse(node, "its output of shape " + network::to_string(shape) +
                     " is not supported: batch 1 and at most height and width");
  StoredTensor tensor{name, node.name, size->channels, size->height, size->width, q, in_graph};
  result_.tensors.push_back(tensor);
  return static_cast<std::int32_t>(result_.tensors.size()) - 1;
}

void Lowering::add_layer(Layer layer, std::int32_t output) {
  layer.output = output;
  pack_input(layer);
  result_.layers.push_back(std::move(layer));
}

float Lowering::rounded(float value) const {
  return chip_.vector_precision == chip::VectorPrecision::fp32 ? value
                                                               : network::half_to_float(network::float_to_half(value));
}

void Lowering::check_constant(const Node& node, float value, const char* what) const {
  const float constant = rounded(value);
  if (!std::isfinite(constant) || (constant == 0 && value != 0))
    refuse(node, std::string(what) + " of " + std::to_string(value) +
                     " is out of the range of FP16; choose other scales, or set vector_precision to fp32 in the chip "
                     "description");
}

}  // namespace northpole::lower
