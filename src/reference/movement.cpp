#include "reference/movement.h"

#include <functional>
#include <numeric>

#include "network/error.h"

namespace northpole::reference {
namespace {

using network::Shape;
using Position = std::vector<std::int64_t>;

// Distance between neighbours along each axis of a row-major tensor.
Position strides_of(const Shape& shape) {
  Position strides(shape.size(), 1);
  for (std::size_t axis = shape.size(); axis-- > 1;) strides[axis - 1] = strides[axis] * shape[axis];
  return strides;
}

// The sources of a tensor of the given shape, from a function of the position.
std::vector<std::int64_t> listed(const Shape& shape, const std::function<std::int64_t(const Position&)>& source) {
  std::vector<std::int64_t> sources(static_cast<std::size_t>(network::element_count(shape)));
  Position position(shape.size(), 0);
  for (std::int64_t& element : sources) {
    element = source(position);
    for (std::size_t axis = shape.size(); axis-- > 0;) {
      if (++position[axis] < shape[axis]) break;
      position[axis] = 0;
    }
  }
  return sources;
}

std::int64_t offset(const Position& position, const Position& strides) {
  return std::inner_product(position.begin(), position.end(), strides.begin(), std::int64_t{0});
}

std::vector<std::int64_t> concatenated(const network::Graph& graph, const network::Node& node, const Shape& shape) {
  const auto axis = static_cast<std::size_t>(node.integer("axis", 0));
  struct Part {
    std::int64_t begin, end, base;  // along the axis; first element in the inputs laid one after another
    Position strides;
  };
  std::vector<Part> parts;
  std::int64_t begin = 0, base = 0;
  for (const std::string& input : node.inputs) {
    const Shape& part = graph.values.at(input).shape;
    parts.push_back({begin, begin + part[axis], base, strides_of(part)});
    begin += part[axis];
    base += network::element_count(part);
  }
  return listed(shape, [&](const Position& position) {
    std::size_t part = 0;
    while (position[axis] >= parts[part].end) ++part;
    return parts[part].base + offset(position, parts[part].strides) - parts[part].begin * parts[part].strides[axis];
  });
}

std::vector<std::int64_t> sliced(const network::Node& node, const Shape& input, const Shape& shape) {
  const auto axes = node.integers("axes", {}), starts = node.integers("starts", {}), steps = node.integers("steps", {});
  const Position strides = strides_of(input);
  return listed(shape, [&](Position position) {
    for (std::size_t i = 0; i < axes.size(); ++i) {
      std::int64_t& along = position[static_cast<std::size_t>(axes[i])];
      along = starts[i] + along * steps[i];
    }
    return offset(position, strides);
  });
}

std::vector<std::int64_t> padded(const network::Node& node, const Shape& input, const Shape& shape) {
  const auto pads = node.integers("pads", {});
  const Position strides = strides_of(input);
  return listed(shape, [&](Position position) {
    for (std::size_t axis = 0; axis < input.size(); ++axis) {
      position[axis] -= pads[axis];
      if (position[axis] < 0 || position[axis] >= input[axis]) return Movement::padding;
    }
    return offset(position, strides);
  });
}

std::vector<std::int64_t> transposed(const network::Node& node, const Shape& input, const Shape& shape) {
  const auto permutation = node.integers("perm", {});
  const Position strides = strides_of(input);
  return listed(shape, [&](const Position& position) {
    std::int64_t source = 0;
    for (std::size_t axis = 0; axis < position.size(); ++axis) {
      source += position[axis] * strides[static_cast<std::size_t>(permutation[axis])];
    }
    return source;
  });
}

std::vector<std::int64_t> resized(const network::Node& node, const Shape& input, const Shape& shape) {
  const auto rows = node.integers("height_index", {}), columns = node.integers("width_index", {});
  const Position strides = strides_of(input);
  return listed(shape, [&](Position position) {
    position[2] = rows[static_cast<std::size_t>(position[2])];
    position[3] = columns[static_cast<std::size_t>(position[3])];
    return offset(position, strides);
  });
}

std::vector<Movement> parted(const network::Graph& graph, const network::Node& node, const Shape& input) {
  const auto axis = static_cast<std::size_t>(node.integer("axis", 0));
  const Position strides = strides_of(input);
  std::vector<Movement> parts;
  std::int64_t begin = 0;
  for (std::int64_t size : node.integers("split", {})) {
    Shape shape = input;
    shape[axis] = size;
    parts.push_back({shape, listed(shape, [&](const Position& position) {
                       return offset(position, strides) + begin * strides[axis];
                     })});
    begin += size;
  }
  if (parts.size() != node.outputs.size() || begin != input[axis]) {
    throw Error(network::place(graph, node) + "the parts do not make up the whole");
  }
  return parts;
}

}  // namespace

bool is_movement(std::string_view op) {
  for (std::string_view known : {"Concat", "Split", "Slice", "Pad", "Reshape", "Transpose", "Resize", "Identity"}) {
    if (op == known) return true;
  }
  return false;
}

std::vector<Movement> movements_of(const network::Graph& graph, const network::Node& node) {
  const Shape& input = graph.values.at(node.inputs[0]).shape;
  if (node.op == "Split") return parted(graph, node, input);
  const Shape& shape = graph.values.at(node.outputs[0]).shape;
  if (node.op == "Reshape" || node.op == "Identity") return {{shape, {}}};
  if (node.op == "Concat") return {{shape, concatenated(graph, node, shape)}};
  if (node.op == "Slice") return {{shape, sliced(node, input, shape)}};
  if (node.op == "Pad") return {{shape, padded(node, input, shape)}};
  if (node.op == "Transpose") return {{shape, transposed(node, input, shape)}};
  if (node.op == "Resize") return {{shape, resized(node, input, shape)}};
  throw Error(network::place(graph, node) + "does not only move elements");
}

Broadcast::Broadcast(const Shape& from, const Shape& to) {
  if (from == to) return;
  if (from.size() > to.size()) {
    throw Error("shape " + network::to_string(from) + " does not broadcast to " + network::to_string(to));
  }
  const std::size_t missing = to.size() - from.size();
  const Position strides = strides_of(from);
  sources_ = listed(to, [&](const Position& position) {
    std::int64_t source = 0;
    for (std::size_t axis = 0; axis < from.size(); ++axis) {
      if (from[axis] != 1) source += position[axis + missing] * strides[axis];
    }
    return source;
  });
}

}  // namespace northpole::reference
