// Inputs of nodes as views that the machine can read; where it cannot, a helper layer stores them in another form.
#include <algorithm>
#include <set>

#include "lower/linear_layer.h"
#include "lower/lowering.h"
#include "network/error.h"

namespace northpole::lower {

using network::Node;

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
    refuse(node, "the network's input '" + value + "' must be read by a QuantizeLinear first, or be codes that a DequantizeLinear reads");
  refuse(node, "its input '" + value + "' is not quantized; quantize the network first (northpole quantize)");
}

Extent Lowering::extent_of(const Node& node, const ElementView& view) const {
  if (const auto found = extent(view.shape)) return *found;
  refuse(node, "an input of shape " + network::to_string(view.shape) +
                   " is not supported: batch 1 and at most height and width");
}

void Lowering::check_padded_size(const Node& node, const ElementView& view,
                                 const std::vector<std::int64_t>& pads) const {
  if (const auto size = extent(view.shape))
    check_size(node, {1, size->channels, size->height + pads[0] + pads[2], size->width + pads[1] + pads[3]});
}

std::int32_t Lowering::padding_code(const ElementView& view) const {
  for (const auto origin : *view.origin)
    if (origin < 0) return static_cast<std::int32_t>(-1 - origin) + view.quantization.lowest();
  return view.quantization.zero_point;
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

View Lowering::factorized(const Node& node, const ElementView& view, const std::vector<std::int64_t>& pads,
                          std::int32_t padding) {
  check_padded_size(node, view, pads);
  if (auto found = factorize(view, result_.tensors, pads, padding)) return *std::move(found);
  // Padding of another value, perhaps: store the padded tensor first.
  const ElementView stored = materialize(node, view);
  if (auto found = factorize(stored, result_.tensors, pads, padding)) return *std::move(found);
  refuse(node, "its input of shape " + network::to_string(view.shape) + " is not supported");
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

ElementView Lowering::materialize(const Node& node, const ElementView& view) {
  extent_of(node, view);
  auto found = factorize(view, result_.tensors, {0, 0, 0, 0}, padding_code(view));
  if (std::all_of(view.origin->begin(), view.origin->end(), [](std::int64_t origin) { return origin < 0; }))
    refuse(node, "its input is nothing but padding, which is not supported");
  if (!found)
    refuse(node,
           "the Reshape, Transpose, Pad or Concat before it moves elements in a way that is not rows x columns x "
           "channels, which the machine cannot do");
  LinearSpecification selection;
  selection.name = node.name;
  selection.place = network::place(graph_, node);
  selection.input = *found;
  selection.output_channels = found->channels;
  selection.weight_bits = bits_of_ones(view.quantization);
  selection.multiplier = {1.0F};
  selection.output = view.quantization;
  selection.lowest = view.quantization.lowest();
  selection.highest = view.quantization.highest();
  selection.products = [position = found->position](const auto& product) {
    for (std::size_t c = 0; c < position.size(); ++c)
      product(Product{static_cast<std::int32_t>(c), 0, 0, position[c], 1});
  };
  selection.block_range = block_ranges(*found, found->channels, one_to_one);
  Layer layer = linear_layer(selection);
  const std::int32_t tensor = add_tensor(current_output_ + " input " + std::to_string(result_.tensors.size()), node,
                                         view.shape, view.quantization, false);
  add_layer(std::move(layer), tensor);
  return whole(tensor, result_.tensors[static_cast<std::size_t>(tensor)], view.shape);
}

ElementView Lowering::widened(const Node& node, const ElementView& view, std::int32_t bits) {
  const Quantization& narrow = view.quantization;
  ElementView result = view;
  result.quantization.bits = bits;
  const auto copy_of = [&](std::int32_t tensor) {
    const auto [known, fresh] = wide_copies_.try_emplace({tensor, bits}, 0);
    if (!fresh) return known->second;
    const StoredTensor stored = result_.tensors[static_cast<std::size_t>(tensor)];
    const network::Shape shape{1, stored.channels, stored.height, stored.width};
    View from = factorize(whole(tensor, stored, shape), result_.tensors, {0, 0, 0, 0}, narrow.zero_point).value();
    // The codes themselves, whatever this reader takes them for.
    Quantization wide = stored.quantization;
    wide.bits = bits;
    Layer layer = elementwise(node, std::move(from), wide, {narrow.lowest(), narrow.highest()});
    layer.function.operation = isa::VectorOperation::move;
    known->second = add_tensor(stored.name + " in " + std::to_string(bits) + " bits", node, shape, wide, false);
    add_layer(std::move(layer), known->second);
    return known->second;
  };
  auto origins = *view.origin;
  for (auto& origin : origins) {
    if (origin < 0) {  // codes of padding count from the lowest
      origin += result.quantization.lowest() - narrow.lowest();
      continue;
    }
    const auto tensor = static_cast<std::int32_t>(origin / ElementView::tensor_unit);
    origin = copy_of(tensor) * ElementView::tensor_unit + origin % ElementView::tensor_unit;
  }
  result.origin = std::make_shared<const std::vector<std::int64_t>>(std::move(origins));
  return result;
}

}  // namespace northpole::lower
