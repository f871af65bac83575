#include "lower/lower.h"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <set>

#include "lower/linear_layer.h"
#include "lower/lowering.h"
#include "network/error.h"
#include "network/half_float.h"

namespace northpole::lower {

using network::Node;

LayerGraph lower(const network::Graph& graph, const chip::ChipDescription& chip) { return Lowering(graph, chip).run(); }

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
    const ElementView& codes = view_of(node, 0);
    const Quantization q = activation_quantization(graph_, node);
    if (!(q == codes.quantization))
      refuse(node, "its scale, zero point or type differ from those of the QuantizeLinear before it");
    views_[node.outputs[0]] = codes;
    return;
  }
  if (op == "Softmax" || op == "ArgMax" || (op == "Reshape" && host_values_.count(node.inputs[0])))
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
    const auto pieces = split(graph_, node, view_of(node, 0));
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

void Lowering::visit_on_host(const Node& node) {
  HostValue value;
  if (auto found = host_values_.find(node.inputs[0]); found != host_values_.end())
    value = found->second;
  else if (has_view(node.inputs[0]))
    value.base = node.inputs[0];
  else
    refuse(node, "it runs on the host at the end of the network only, on a quantized value");
  if (node.op == "Reshape") {
    value.reshaped = true;
  } else {
    if (value.reshaped) refuse(node, "a Reshape between operators that run on the host is not supported");
    value.operations.push_back({node.op, node.integer("axis", node.op == "Softmax" ? -1 : 0)});
  }
  host_values_[node.outputs[0]] = value;
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

void Lowering::check_padded_size(const Node& node, const ElementView& view,
                                 const std::vector<std::int64_t>& pads) const {
  if (const auto size = extent(view.shape))
    check_size(node, {1, size->channels, size->height + pads[0] + pads[2], size->width + pads[1] + pads[3]});
}

const ElementView& Lowering::view_of(const Node& node, std::size_t input) const {
  const std::string& value = node.inputs.at(input);
  if (auto found = views_.find(value); found != views_.end()) return found->second;
  if (graph_.constant(value) != nullptr || quantized_constant(graph_, value))
    refuse(node, "a constant is not supported as this input");
  if (host_values_.count(value))
    refuse(node, "it follows an operator that runs on the host at the end of the network; nothing may follow there");
  if (auto found = pending_.find(value); found != pending_.end() && found->second.node != nullptr)
    refuse(*found->second.node, "no QuantizeLinear follows it before " + node.described() +
                                    "; quantize the network first (northpole quantize)");
  if (value == graph_.inputs[0].name)
    refuse(node, "the network's input '" + value + "' must be a float tensor that a QuantizeLinear reads first");
  refuse(node, "its input '" + value + "' is not quantized; quantize the network first (northpole quantize)");
}

void Lowering::quantize_input(const Node& node) {
  const auto& port = graph_.inputs[0];
  const Quantization q = activation_quantization(graph_, node);
  check_size(node, port.shape);
  if (!extent(port.shape))
    refuse(node, "the network's input of shape " + network::to_string(port.shape) +
                     " is not supported: batch 1 and at most height and width");
  const std::int32_t tensor = add_tensor(node.outputs[0], node, port.shape, q, true);
  const StoredTensor& stored = result_.tensors[static_cast<std::size_t>(tensor)];
  program::FrameLayout& layout = result_.input.layout;
  if (!layout.tensor.empty())
    refuse(node, "a second QuantizeLinear reads the network's input; let one serve all readers");
  result_.input.tensor = tensor;
  layout.tensor = stored.name;
  layout.blocks = static_cast<std::uint32_t>(stored.blocks());
  layout.height = static_cast<std::uint32_t>(stored.height);
  layout.width = static_cast<std::uint32_t>(stored.width);
  for (std::int32_t lane = 0; lane < stored.blocks() * 32; ++lane) {
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
  layout.scale = q.scale;
  layout.zero_point = q.zero_point;
  views_[node.outputs[0]] = whole(tensor, stored, port.shape);
}

void Lowering::quantize(const Node& node) {
  if (graph_.constant(node.inputs[0]) != nullptr) refuse(node, "it quantizes a constant; fold it into the file");
  if (node.inputs[0] == graph_.inputs[0].name) return quantize_input(node);
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

ElementView Lowering::moved(const Node& node, std::vector<ElementView> inputs) {
  ElementView result = move(graph_, node, inputs);
  const auto padding = [](const ElementView& view) {
    std::set<std::int64_t> codes;
    for (const auto origin : *view.origin)
      if (origin < 0) codes.insert(origin);
    return codes;
  };
  if ((node.op != "Pad" && node.op != "Concat") || padding(result).size() < 2) return result;
  // A view has one code for all its padding: store what was padded with another before.
  for (ElementView& input : inputs)
    if (!padding(input).empty()) input = materialize(node, input);
  return move(graph_, node, inputs);
}

std::int32_t Lowering::padding_code(const ElementView& view) const {
  for (const auto origin : *view.origin)
    if (origin < 0) return static_cast<std::int32_t>(-1 - origin) + view.quantization.lowest();
  return view.quantization.zero_point;
}

View Lowering::factorized(const Node& node, const ElementView& view, const std::vector<std::int64_t>& pads,
                          std::int32_t padding) {
  check_padded_size(node, view, pads);
  if (auto found = factorize(view, result_.tensors, pads, padding)) return *std::move(found);
  // Padding of another value, perhaps: store the padded tensor first.
  const ElementView stored = materialize(node, view);
  if (auto found = factorize(stored, result_.tensors, pads, padding)) return *std::move(found);
  refuse(node, "its input of shape " + network::to_string(view.shape) + " is not supported");
}

ElementView Lowering::materialize(const Node& node, const ElementView& view) {
  extent_of(node, view);
  auto found = factorize(view, result_.tensors, {0, 0, 0, 0}, padding_code(view));
  if (!found)
    refuse(node,
           "the Reshape, Transpose, Pad or Concat before it moves elements in a way that is not rows x columns x "
           "channels, which the machine cannot do");
  LinearSpecification selection;
  selection.name = node.name;
  selection.place = network::place(graph_, node);
  selection.input = *found;
  selection.output_channels = found->channels;
  selection.multiplier = {1.0F};
  selection.output = view.quantization;
  selection.lowest = view.quantization.lowest();
  selection.highest = view.quantization.highest();
  selection.products = [position = found->position](const auto& product) {
    for (std::size_t c = 0; c < position.size(); ++c)
      product(Product{static_cast<std::int32_t>(c), 0, 0, position[c], 1});
  };
  for (std::int32_t first = 0; first < found->channels; first += 32) {
    std::int32_t low = static_cast<std::int32_t>(found->blocks.size()), high = 0;
    for (std::int32_t c = first; c < std::min(first + 32, found->channels); ++c) {
      const std::int32_t position = found->position[static_cast<std::size_t>(c)];
      if (position < 0) continue;
      low = std::min(low, position / 32);
      high = std::max(high, position / 32 + 1);
    }
    selection.block_range.emplace_back(high == 0 ? 0 : low, high == 0 ? 1 : high);
  }
  Layer layer = linear_layer(selection);
  const std::int32_t tensor = add_tensor(current_output_ + " input " + std::to_string(result_.tensors.size()), node,
                                         view.shape, view.quantization, false);
  add_layer(std::move(layer), tensor);
  return whole(tensor, result_.tensors[static_cast<std::size_t>(tensor)], view.shape);
}

View Lowering::canonical(const Node& node, const ElementView& view) {
  return canonical(node, view, {0, 0, 0, 0}, padding_code(view));
}

View Lowering::canonical(const Node& node, const ElementView& view, const std::vector<std::int64_t>& pads,
                         std::int32_t padding) {
  check_padded_size(node, view, pads);
  auto found = factorize(view, result_.tensors, pads, padding);
  if (found && found->canonical()) return *std::move(found);
  return factorize(materialize(node, view), result_.tensors, pads, padding).value();
}

Extent Lowering::extent_of(const Node& node, const ElementView& view) const {
  if (const auto found = extent(view.shape)) return *found;
  refuse(node, "an input of shape " + network::to_string(view.shape) +
                   " is not supported: batch 1 and at most height and width");
}

void Lowering::finish_outputs() {
  for (const auto& port : graph_.outputs) {
    std::string value = port.name;
    if (auto found = host_values_.find(value); found != host_values_.end()) {
      if (!result_.outputs.empty())
        throw Error(graph_.source + ": output '" + port.name + "' is made by " + found->second.operations.back().op +
                    " on the host, which is supported for the first output only");
      value = found->second.base;
      result_.host_operations = found->second.operations;
    }
    if (!has_view(value)) {
      if (auto found = pending_.find(value); found != pending_.end() && found->second.node != nullptr)
        refuse(*found->second.node, "no QuantizeLinear follows it; quantize the network first (northpole quantize)");
      throw Error(graph_.source + ": output '" + port.name +
                  "' is not quantized; quantize the network first (northpole quantize)");
    }
    const ElementView& elements = views_.at(value);
    Node describing;
    describing.name = port.name;
    describing.op = "output";
    current_output_ = port.name;
    FrameOutput output;
    output.name = port.name;
    // Only the order of elements matters to the host: what a matrix product made is put out as the vector that it is.
    ElementView stored = elements;
    const std::int64_t count = network::element_count(elements.shape);
    if (std::count(elements.shape.begin(), elements.shape.end(), count) != 0 &&
        !factorize(elements, result_.tensors, {0, 0, 0, 0}, padding_code(elements)))
      stored.shape = {count};
    extent_of(describing, stored);
    output.view = canonical(describing, stored);
    program::FrameLayout& layout = output.layout;
    layout.tensor = port.name;
    layout.channels = static_cast<std::uint32_t>(output.view.channels);
    layout.tensor_height = layout.height = static_cast<std::uint32_t>(output.view.height);
    layout.tensor_width = layout.width = static_cast<std::uint32_t>(output.view.width);
    layout.blocks = static_cast<std::uint32_t>(output.view.blocks.size());
    for (std::uint32_t lane = 0; lane < layout.blocks * 32; ++lane) {
      layout.channel.push_back(lane < layout.channels ? static_cast<std::int32_t>(lane) : -1);
      layout.offset_y.push_back(0);
      layout.offset_x.push_back(0);
    }
    layout.shape = elements.shape;
    layout.is_signed = elements.quantization.is_signed;
    layout.scale = elements.quantization.scale;
    layout.zero_point = elements.quantization.zero_point;
    result_.outputs.push_back(std::move(output));
  }
  if (result_.outputs.empty()) throw Error(graph_.source + ": the network has no output");
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
