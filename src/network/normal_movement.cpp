// Normal forms of operators that only move elements.
#include <algorithm>
#include <numeric>

#include "network/add_constant.h"
#include "network/normal_forms.h"
#include "network/parameters.h"

namespace northpole::network {
namespace {

// The slice of a tensor of the given shape; nothing is cut where start is 0 and end the whole.
void set_slice(Node& node, const Shape& shape, const Integers& start, const Integers& end, const Integers& step) {
  Integers axes, starts, ends, steps;
  for (std::size_t axis = 0; axis < shape.size(); ++axis) {
    if (start[axis] == 0 && end[axis] == shape[axis] && step[axis] == 1) continue;
    axes.push_back(static_cast<std::int64_t>(axis));
    starts.push_back(start[axis]);
    ends.push_back(end[axis]);
    steps.push_back(step[axis]);
  }
  node.attributes = {{"axes", axes}, {"starts", starts}, {"ends", ends}, {"steps", steps}};
}

}  // namespace

std::vector<Node> normal_concat(Graph& graph, const Node& node) {
  if (node.inputs.size() == 1) return {bare(node, "Identity")};
  Node result = node;
  result.attributes = {{"axis", concat_axis(NodeView(graph, node))}};
  return {result};
}

std::vector<Node> normal_split(Graph& graph, const Node& node) {
  if (node.outputs.size() == 1) return {bare(node, "Identity")};
  const NodeView view(graph, node);
  Node result = bare(node, "Split");
  result.attributes = {{"axis", split_axis(view)}, {"split", split_sizes(view)}};
  return {result};
}

std::vector<Node> normal_slice(Graph& graph, const Node& node) {
  const NodeView view(graph, node);
  const SliceRange range = slice_of(view);
  const Shape& shape = view.shape(0);
  Integers ends(shape.size()), steps = range.step;
  for (std::size_t axis = 0; axis < shape.size(); ++axis) {
    if (range.count[axis] == 1) steps[axis] = 1;  // then the step says nothing
    if (steps[axis] < 0) view.fail("steps backwards are not supported");
    // The shortest range with these elements, so that equal slices look equal; the whole axis ends at its end.
    ends[axis] = range.start[axis] + (range.count[axis] - 1) * steps[axis] + 1;
  }
  if (range.count == shape) return {bare(node, "Identity")};
  Node result = bare(node, "Slice");
  set_slice(result, shape, range.start, ends, steps);
  return {result};
}

std::vector<Node> normal_pad(Graph& graph, const Node& node) {
  const NodeView view(graph, node);
  const Padding padding = padding_of(view);
  const Shape& shape = view.shape(0);
  const std::size_t rank = shape.size();
  if (std::all_of(padding.pads.begin(), padding.pads.end(), [](std::int64_t pad) { return pad == 0; }))
    return {bare(node, "Identity")};

  std::vector<Node> nodes;
  Node result = bare(node, "Pad");
  Integers pads = padding.pads;
  if (std::any_of(pads.begin(), pads.end(), [](std::int64_t pad) { return pad < 0; })) {  // takes away: a slice first
    Integers start(rank, 0), end = shape;
    Port cut = view.input(0);
    for (std::size_t axis = 0; axis < rank; ++axis) {
      start[axis] = std::max<std::int64_t>(0, -pads[axis]);
      end[axis] = shape[axis] - std::max<std::int64_t>(0, -pads[axis + rank]);
      if (end[axis] <= start[axis]) view.fail("its pads take away all of axis " + std::to_string(axis));
      cut.shape[axis] = end[axis] - start[axis];
    }
    for (std::int64_t& pad : pads) pad = std::max<std::int64_t>(0, pad);
    const std::string value = add_value(graph, node.inputs[0] + "_cut", cut);
    Node slice{node.name + "_cut", "Slice", "", {node.inputs[0]}, {value}, {}};
    set_slice(slice, shape, start, end, Integers(rank, 1));
    nodes.push_back(slice);
    result.inputs = {value};
  }
  result.attributes["pads"] = pads;
  result.attributes["value"] = padding.value;
  nodes.push_back(result);
  return nodes;
}

std::vector<Node> normal_reshape(Graph& graph, const Node& node) {
  const NodeView view(graph, node);
  const Shape target = reshape_target(view);
  if (target == view.shape(0)) return {bare(node, "Identity")};
  Node result = bare(node, "Reshape");
  result.attributes["shape"] = target;
  return {result};
}

std::vector<Node> normal_transpose(Graph& graph, const Node& node) {
  const NodeView view(graph, node);
  const Integers permutation = permutation_of(view);
  Node result = bare(node, "Transpose");
  result.attributes["perm"] = permutation;
  Shape turned;
  Integers wide;  // the axes with more than one element, in their new order
  for (const std::int64_t axis : permutation) {
    turned.push_back(view.shape(0)[static_cast<std::size_t>(axis)]);
    if (turned.back() != 1) wide.push_back(axis);
  }
  if (!std::is_sorted(wide.begin(), wide.end())) return {result};
  if (turned == view.shape(0)) return {bare(node, "Identity")};
  result = bare(node, "Reshape");
  result.attributes["shape"] = turned;
  return {result};
}

std::vector<Node> normal_resize(Graph& graph, const Node& node) {
  if (node.has("height_index")) return {node};
  const NodeView view(graph, node);
  if (view.rank(0) != 4) view.fail("it is only supported on pictures (4 axes), not on " + to_string(view.shape(0)));
  const NearestResize resize = nearest_resize_of(view);
  const auto keeps = [&](std::size_t axis) {
    Integers all(static_cast<std::size_t>(view.shape(0)[axis]));
    std::iota(all.begin(), all.end(), 0);
    return resize.sources[axis] == all;
  };
  if (!keeps(0) || !keeps(1)) view.fail("it resizes batch or channels, which is not supported");
  if (keeps(2) && keeps(3)) return {bare(node, "Identity")};
  Node result = bare(node, "Resize");
  const bool old = node.op == "Upsample" || graph.opset < 11;
  result.attributes["mode"] = std::string("nearest");
  result.attributes["coordinate_transformation_mode"] =
      node.text("coordinate_transformation_mode", old ? "asymmetric" : "half_pixel");
  result.attributes["nearest_mode"] = node.text("nearest_mode", old ? "floor" : "round_prefer_floor");
  for (const char* kept : {"keep_aspect_ratio_policy", "axes"})
    if (node.has(kept)) result.attributes[kept] = node.attributes.at(kept);
  const auto sizes = old ? std::nullopt : view.integers("sizes", 3);
  if (sizes && !sizes->empty()) {
    result.attributes["sizes"] = *sizes;
  } else {
    // As the file has them: for the named axes only.
    std::vector<float> scales = resize.scales;
    if (node.has("axes")) {
      scales.clear();
      for (const std::int64_t axis : view.resolved_axes(node.integers("axes", {}), 4))
        scales.push_back(resize.scales[static_cast<std::size_t>(axis)]);
    }
    result.attributes["scales"] = scales;
  }
  result.attributes["height_index"] = resize.sources[2];
  result.attributes["width_index"] = resize.sources[3];
  return {result};
}

}  // namespace northpole::network
