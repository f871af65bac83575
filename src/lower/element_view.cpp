#include "lower/element_view.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "network/error.h"

namespace northpole::lower {

namespace {

using network::Graph;
using network::Node;
using network::Shape;
using Origins = std::vector<std::int64_t>;

ElementView with(const ElementView& like, Shape shape, Origins origins) {
  ElementView result = like;
  result.shape = std::move(shape);
  result.origin = std::make_shared<const Origins>(std::move(origins));
  return result;
}

std::vector<std::int64_t> row_major_strides(const Shape& shape) {
  std::vector<std::int64_t> strides(shape.size(), 1);
  for (std::size_t axis = shape.size(); axis-- > 1;) strides[axis - 1] = strides[axis] * shape[axis];
  return strides;
}

// Gathers output elements whose input coordinate on each axis is source[axis][output coordinate] (-1: padding).
ElementView gather(const ElementView& input, const std::vector<std::vector<std::int64_t>>& source,
                   std::int64_t padding_origin) {
  Shape shape;
  for (const auto& indices : source) shape.push_back(static_cast<std::int64_t>(indices.size()));
  const auto strides = row_major_strides(input.shape);
  Origins origins(static_cast<std::size_t>(network::element_count(shape)));
  std::vector<std::size_t> at(shape.size(), 0);
  for (auto& origin : origins) {
    std::int64_t flat = 0;
    bool padded = false;
    for (std::size_t axis = 0; axis < shape.size(); ++axis) {
      const std::int64_t index = source[axis][at[axis]];
      padded |= index < 0;
      flat += index * strides[axis];
    }
    origin = padded ? padding_origin : (*input.origin)[static_cast<std::size_t>(flat)];
    for (std::size_t axis = shape.size(); axis-- > 0;) {
      if (++at[axis] < source[axis].size()) break;
      at[axis] = 0;
    }
  }
  return with(input, shape, std::move(origins));
}

std::vector<std::vector<std::int64_t>> every_index(const Shape& shape) {
  std::vector<std::vector<std::int64_t>> source;
  for (const auto dimension : shape) {
    std::vector<std::int64_t> indices(static_cast<std::size_t>(dimension));
    std::iota(indices.begin(), indices.end(), 0);
    source.push_back(std::move(indices));
  }
  return source;
}

ElementView slice(const Node& node, const ElementView& input) {
  auto source = every_index(input.shape);
  const auto axes = node.integers("axes", {}), starts = node.integers("starts", {}), ends = node.integers("ends", {}),
             steps = node.integers("steps", {});
  for (std::size_t i = 0; i < axes.size(); ++i) {
    auto& indices = source[static_cast<std::size_t>(axes[i])];
    indices.clear();
    for (std::int64_t index = starts[i]; index < ends[i]; index += steps[i]) indices.push_back(index);
  }
  return gather(input, source, -1);
}

ElementView pad(const Node& node, const ElementView& input) {
  auto source = every_index(input.shape);
  const auto pads = node.integers("pads", {});
  for (std::size_t axis = 0; axis < source.size(); ++axis) {
    source[axis].insert(source[axis].begin(), static_cast<std::size_t>(pads[axis]), -1);
    source[axis].insert(source[axis].end(), static_cast<std::size_t>(pads[axis + source.size()]), -1);
  }
  const Quantization& q = input.quantization;
  const float steps = node.real("value", 0.0F) / q.scale;
  const double code = std::nearbyint(static_cast<double>(steps)) + q.zero_point;
  const auto clamped = static_cast<std::int64_t>(std::min<double>(std::max<double>(code, q.lowest()), q.highest()));
  // Codes of padding are kept as -1 - (code - lowest), never positive.
  return gather(input, source, -1 - (clamped - q.lowest()));
}

ElementView resize(const Node& node, const ElementView& input) {
  auto source = every_index(input.shape);
  source[2] = node.integers("height_index", {});
  if (source.size() > 3) source[3] = node.integers("width_index", {});
  return gather(input, source, -1);
}

ElementView transpose(const Node& node, const ElementView& input) {
  const auto perm = node.integers("perm", {});
  const auto strides = row_major_strides(input.shape);
  Shape shape;
  std::vector<std::int64_t> moved;
  for (const auto axis : perm) {
    shape.push_back(input.shape[static_cast<std::size_t>(axis)]);
    moved.push_back(strides[static_cast<std::size_t>(axis)]);
  }
  Origins origins(input.origin->size());
  std::vector<std::int64_t> at(shape.size(), 0);
  for (auto& origin : origins) {
    std::int64_t flat = 0;
    for (std::size_t axis = 0; axis < shape.size(); ++axis) flat += at[axis] * moved[axis];
    origin = (*input.origin)[static_cast<std::size_t>(flat)];
    for (std::size_t axis = shape.size(); axis-- > 0;) {
      if (++at[axis] < shape[axis]) break;
      at[axis] = 0;
    }
  }
  return with(input, shape, std::move(origins));
}

ElementView concat(const Graph& graph, const Node& node, const std::vector<ElementView>& inputs) {
  const auto axis = static_cast<std::size_t>(node.integer("axis", 1));
  Shape shape = inputs[0].shape;
  shape[axis] = 0;
  for (const auto& input : inputs) {
    if (!(input.quantization == inputs[0].quantization))
      throw Error(network::place(graph, node) + "its inputs must be equally quantized here");
    shape[axis] += input.shape[axis];
  }
  std::int64_t outer = 1, inner = 1;
  for (std::size_t i = 0; i < axis; ++i) outer *= shape[i];
  for (std::size_t i = axis + 1; i < shape.size(); ++i) inner *= shape[i];
  Origins origins;
  origins.reserve(static_cast<std::size_t>(network::element_count(shape)));
  for (std::int64_t o = 0; o < outer; ++o)
    for (const auto& input : inputs) {
      const std::int64_t run = input.shape[axis] * inner;
      origins.insert(origins.end(), input.origin->begin() + o * run, input.origin->begin() + (o + 1) * run);
    }
  return with(inputs[0], shape, std::move(origins));
}

}  // namespace

ElementView whole(std::int32_t tensor, const StoredTensor& stored, Shape shape) {
  ElementView view;
  view.shape = std::move(shape);
  view.quantization = stored.quantization;
  Origins origins(static_cast<std::size_t>(stored.channels) * stored.height * stored.width);
  std::iota(origins.begin(), origins.end(), tensor * ElementView::tensor_unit);
  view.origin = std::make_shared<const Origins>(std::move(origins));
  return view;
}

bool moves_only(const std::string& op) {
  return op == "Slice" || op == "Pad" || op == "Resize" || op == "Transpose" || op == "Reshape" || op == "Concat" ||
         op == "Identity";
}

ElementView move(const Graph& graph, const Node& node, const std::vector<ElementView>& inputs) {
  if (node.op == "Concat") return concat(graph, node, inputs);
  const ElementView& input = inputs.at(0);
  if (node.op == "Slice") return slice(node, input);
  if (node.op == "Pad") return pad(node, input);
  if (node.op == "Resize") return resize(node, input);
  if (node.op == "Transpose") return transpose(node, input);
  ElementView result = input;  // Reshape, Identity
  if (node.op == "Reshape") result.shape = node.integers("shape", {});
  return result;
}

std::vector<ElementView> split(const Node& node, const ElementView& input) {
  const auto axis = static_cast<std::size_t>(node.integer("axis", 0));
  std::vector<ElementView> pieces;
  std::int64_t start = 0;
  for (const auto size : node.integers("split", {})) {
    auto source = every_index(input.shape);
    std::vector<std::int64_t> indices(static_cast<std::size_t>(size));
    std::iota(indices.begin(), indices.end(), start);
    source[axis] = std::move(indices);
    pieces.push_back(gather(input, source, -1));
    start += size;
  }
  return pieces;
}

std::optional<Extent> extent(const Shape& shape) {
  if (shape.size() >= 2 && shape[0] != 1) return std::nullopt;
  Extent result;
  switch (shape.size()) {
    case 1:
      result.channels = static_cast<std::int32_t>(shape[0]);
      break;
    case 2:
      result.channels = static_cast<std::int32_t>(shape[1]);
      break;
    case 3:
      result.channels = static_cast<std::int32_t>(shape[1]);
      result.height = static_cast<std::int32_t>(shape[2]);
      break;
    case 4:
      result.channels = static_cast<std::int32_t>(shape[1]);
      result.height = static_cast<std::int32_t>(shape[2]);
      result.width = static_cast<std::int32_t>(shape[3]);
      break;
    default:
      return std::nullopt;
  }
  return result;
}

}  // namespace northpole::lower
