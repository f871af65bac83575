#include "lower/fuse.h"

#include <algorithm>
#include <optional>
#include <utility>

namespace northpole::lower {

using isa::VectorFunction;
using isa::VectorOperation;
using isa::VectorSecond;

namespace {

constexpr std::size_t nobody = ~std::size_t{0};
constexpr std::int32_t function_words = 2;  // constant registers of a function

struct Uses {
  std::vector<std::size_t> maker;   // layer that makes the tensor, by tensor
  std::vector<std::int32_t> views;  // that read it
};

Uses uses_of(const LayerGraph& graph) {
  Uses uses{std::vector<std::size_t>(graph.tensors.size(), nobody), std::vector<std::int32_t>(graph.tensors.size(), 0)};
  const auto read = [&](const View& view) {
    std::vector<std::int32_t> tensors;
    for (const ViewBlock& block : view.blocks) tensors.push_back(block.tensor);
    std::sort(tensors.begin(), tensors.end());
    tensors.erase(std::unique(tensors.begin(), tensors.end()), tensors.end());
    for (const std::int32_t tensor : tensors) ++uses.views[static_cast<std::size_t>(tensor)];
  };
  for (std::size_t i = 0; i < graph.layers.size(); ++i) {
    uses.maker[static_cast<std::size_t>(graph.layers[i].output)] = i;
    for (const View& view : graph.layers[i].inputs) read(view);
  }
  for (const FrameOutput& output : graph.outputs) read(output.view);
  return uses;
}

bool identity(const std::vector<std::int32_t>& indices, std::int32_t size) {
  if (static_cast<std::int32_t>(indices.size()) != size) return false;
  for (std::int32_t i = 0; i < size; ++i)
    if (indices[static_cast<std::size_t>(i)] != i) return false;
  return true;
}

// The tensor that the view shows as it lies, all of it; nothing when it shows something else.
std::optional<std::size_t> whole_tensor(const View& view, const std::vector<StoredTensor>& tensors) {
  if (!view.canonical() || view.maps.size() != 1) return std::nullopt;
  const auto tensor = static_cast<std::size_t>(view.blocks.at(0).tensor);
  const StoredTensor& stored = tensors[tensor];
  // Codes that are read with another zero point than they were made with are no longer the maker's numbers.
  if (view.quantization.zero_point != stored.quantization.zero_point) return std::nullopt;
  if (view.channels != stored.channels || static_cast<std::int32_t>(view.blocks.size()) != stored.blocks() ||
      !identity(view.maps[0].row, stored.height) || !identity(view.maps[0].column, stored.width))
    return std::nullopt;
  for (std::size_t i = 0; i < view.blocks.size(); ++i)
    if (view.blocks[i].tensor != view.blocks[0].tensor || view.blocks[i].block != static_cast<std::int32_t>(i))
      return std::nullopt;
  return tensor;
}

// The function with its operands exchanged; nothing where that is another function.
std::optional<VectorFunction> exchanged(const VectorFunction& from) {
  VectorFunction result = from;
  if (from.operation == VectorOperation::subtract)
    result.operation = VectorOperation::reverse_subtract;
  else if (from.operation != VectorOperation::add)
    return std::nullopt;  // a product is scaled on one side
  result.kx = from.ky;
  result.ky = from.kx;
  return result;
}

// The element-wise function behind the clamp of the linear layer.
VectorFunction behind(const VectorFunction& linear, VectorFunction function, const View* second) {
  const VectorFunction defaults;
  function.source = isa::VectorSource::partial_sum;
  function.source_signed = defaults.source_signed;
  function.source_bits = defaults.source_bits;
  function.source_zero = defaults.source_zero;
  function.middle_lowest = linear.middle_lowest;
  function.middle_highest = linear.middle_highest;
  if (second != nullptr) {
    function.second_signed = second->quantization.is_signed;
    function.second_bits = static_cast<std::uint8_t>(second->quantization.bits);
    function.second_zero = second->quantization.zero_point;
  }
  return function;
}

// The linear layer with the work of the element-wise one, of which it makes input `input`.
std::optional<Layer> joined(const Layer& linear, const Layer& elementwise, std::size_t input) {
  const bool two = elementwise.inputs.size() == 2;
  std::optional<VectorFunction> function = elementwise.function;
  if (input == 1) function = exchanged(elementwise.function);
  if (!function) return std::nullopt;
  Layer result = linear;
  result.name = linear.name + " + " + elementwise.name;
  result.output = elementwise.output;
  result.multiply_accumulates += elementwise.multiply_accumulates;
  if (two) result.inputs.push_back(elementwise.inputs[1 - input]);
  result.function = behind(linear.function, *function, two ? &result.inputs[1] : nullptr);
  if (elementwise.function.second != VectorSecond::constant) return result;
  // Bias and scale of a lane group, then its constants.
  result.lane_constants.clear();
  result.lane_words = linear.lane_words + elementwise.lane_words;
  const std::ptrdiff_t own = linear.lane_words, added = elementwise.lane_words;
  const auto groups = static_cast<std::ptrdiff_t>(linear.weights.first_block.size());
  for (std::ptrdiff_t group = 0; group < groups; ++group) {
    const auto sums = linear.lane_constants.begin() + group * own;
    const auto constants = elementwise.lane_constants.begin() + group * added;
    result.lane_constants.insert(result.lane_constants.end(), sums, sums + own);
    result.lane_constants.insert(result.lane_constants.end(), constants, constants + added);
  }
  return result;
}

// Takes a tensor that nobody makes or reads any more out of the graph.
void remove_tensor(LayerGraph& graph, std::int32_t tensor) {
  graph.tensors.erase(graph.tensors.begin() + tensor);
  const auto renumber = [&](std::int32_t& index) { index -= index > tensor ? 1 : 0; };
  const auto renumber_view = [&](View& view) {
    for (ViewBlock& block : view.blocks) renumber(block.tensor);
  };
  for (Layer& layer : graph.layers) {
    renumber(layer.output);
    for (View& view : layer.inputs) renumber_view(view);
  }
  for (FrameOutput& output : graph.outputs) renumber_view(output.view);
  renumber(graph.input.tensor);
}

// Joins one layer; false when none is left to join.
bool fuse_one(LayerGraph& graph, const Options& options, std::int32_t constant_words) {
  const Uses uses = uses_of(graph);
  for (std::size_t e = 0; e < graph.layers.size(); ++e) {
    const Layer& elementwise = graph.layers[e];
    if (elementwise.kind != LayerKind::elementwise || elementwise.broadcast >= 0) continue;
    const bool two = elementwise.inputs.size() == 2;
    if (!(two ? options.fuse_second_operands : options.fuse_functions)) continue;
    std::size_t maker = nobody;
    std::optional<Layer> best;
    for (std::size_t input = 0; input < elementwise.inputs.size(); ++input) {
      const auto tensor = whole_tensor(elementwise.inputs[input], graph.tensors);
      if (!tensor || uses.views[*tensor] != 1 || uses.maker[*tensor] == nobody) continue;
      const Layer& linear = graph.layers[uses.maker[*tensor]];
      if (linear.kind != LayerKind::linear || linear.inputs.size() != 1 || (two && linear.phases != 1) ||
          linear.function.operation != VectorOperation::move)
        continue;
      if (best && uses.maker[*tensor] < maker) continue;
      if (auto layer = joined(linear, elementwise, input); layer && function_words + layer->lane_words <= constant_words) {
        best = std::move(layer);
        maker = uses.maker[*tensor];
      }
    }
    if (!best) continue;
    const std::int32_t dropped = graph.layers[maker].output;
    graph.layers[e] = *std::move(best);
    graph.layers.erase(graph.layers.begin() + static_cast<std::ptrdiff_t>(maker));
    remove_tensor(graph, dropped);
    return true;
  }
  return false;
}

}  // namespace

void fuse(LayerGraph& graph, const Options& options, const chip::ChipDescription& chip) {
  while (fuse_one(graph, options, static_cast<std::int32_t>(chip.constant_words))) {
  }
}

}  // namespace northpole::lower
