#include <algorithm>
#include <cmath>
#include <numeric>

#include "network/parameters.h"

namespace northpole::network {
namespace {

// Where on the input axis an output index lies. float32 throughout, as runtimes do it: ties depend on it.
float source_position(const NodeView& view, const std::string& mode, std::int64_t index, float scale, std::int64_t from,
                      std::int64_t to) {
  const auto x = static_cast<float>(index);
  if (mode == "half_pixel") return (x + 0.5f) / scale - 0.5f;
  if (mode == "pytorch_half_pixel") return to > 1 ? (x + 0.5f) / scale - 0.5f : 0.0f;
  if (mode == "tf_half_pixel_for_nn") return (x + 0.5f) / scale;
  if (mode == "asymmetric") return x / scale;
  if (mode == "align_corners") return to == 1 ? 0.0f : x * static_cast<float>(from - 1) / static_cast<float>(to - 1);
  if (mode == "half_pixel_symmetric") {
    const float adjustment = static_cast<float>(to) / (scale * static_cast<float>(from));
    const float center = static_cast<float>(from) / 2;
    return center * (1 - adjustment) + (x + 0.5f) / scale - 0.5f;
  }
  view.fail("coordinate_transformation_mode " + mode + " is not supported");
}

float nearest(const NodeView& view, const std::string& mode, float position) {
  if (mode == "round_prefer_floor") return std::ceil(position - 0.5f);
  if (mode == "round_prefer_ceil") return std::floor(position + 0.5f);
  if (mode == "floor") return std::floor(position);
  if (mode == "ceil") return std::ceil(position);
  view.fail("nearest_mode " + mode + " is not supported");
}

std::vector<float> floats_of(const NodeView& view, std::size_t input) {
  if (view.node.has("scales")) {
    if (const auto* scales = std::get_if<std::vector<float>>(&view.node.attributes.at("scales"))) return *scales;
    view.fail("scales must be a list of floats");
  }
  if (!view.has_input(input)) return {};
  const Tensor* tensor = view.constant(input);
  if (tensor == nullptr) view.fail("its scales must be constant");
  std::vector<float> values(static_cast<std::size_t>(tensor->size()));
  for (std::size_t i = 0; i < values.size(); ++i)
    values[i] = static_cast<float>(tensor->number(static_cast<std::int64_t>(i)));
  return values;
}

}  // namespace

NearestResize nearest_resize_of(const NodeView& view) {
  const Node& node = view.node;
  const Shape& input = view.shape(0);
  const std::size_t rank = input.size();
  if (node.has("height_index") && rank == 4) {  // normal form
    NearestResize resize{input, {}, std::vector<Integers>(rank)};
    resize.sources[2] = node.integers("height_index", {});
    resize.sources[3] = node.integers("width_index", {});
    resize.output[2] = static_cast<std::int64_t>(resize.sources[2].size());
    resize.output[3] = static_cast<std::int64_t>(resize.sources[3].size());
    return resize;
  }
  if (node.text("mode", "nearest") != "nearest")
    view.fail("mode " + node.text("mode", "") + " is not supported; only nearest is");
  // Upsample and Resize before opset 11 know neither of these modes: they stretch from the corner.
  const bool old = node.op == "Upsample" || view.graph.opset < 11;
  const std::string position_mode = node.text("coordinate_transformation_mode", old ? "asymmetric" : "half_pixel");
  const std::string nearest_mode = node.text("nearest_mode", old ? "floor" : "round_prefer_floor");

  Integers axes(rank);
  std::iota(axes.begin(), axes.end(), 0);
  if (node.has("axes")) axes = view.resolved_axes(node.integers("axes", {}), view.rank(0));
  const std::vector<float> scales = floats_of(view, old ? 1 : 2);
  const Integers sizes = old ? Integers{} : view.integers("sizes", 3).value_or(Integers{});
  if ((sizes.empty() && scales.size() != axes.size()) || (!sizes.empty() && sizes.size() != axes.size()))
    view.fail("its scales or sizes do not fit the input " + to_string(input));

  NearestResize resize{input, std::vector<float>(rank, 1.0f), std::vector<Integers>(rank)};
  for (std::size_t i = 0; i < axes.size(); ++i) {
    const auto axis = static_cast<std::size_t>(axes[i]);
    const auto size = static_cast<float>(input[axis]);
    resize.scales[axis] = sizes.empty() ? scales[i] : static_cast<float>(sizes[i]) / size;
    if (!(resize.scales[axis] > 0) || resize.scales[axis] > 65536.0f || input[axis] == 0)
      view.fail("a scale is 0, negative or absurd");
    resize.output[axis] = sizes.empty() ? static_cast<std::int64_t>(std::floor(size * scales[i])) : sizes[i];
  }
  const std::string policy = node.text("keep_aspect_ratio_policy", "stretch");
  if (!sizes.empty() && policy != "stretch") {
    float scale = resize.scales[static_cast<std::size_t>(axes[0])];
    for (const std::int64_t axis : axes) {
      const float other = resize.scales[static_cast<std::size_t>(axis)];
      scale = policy == "not_larger" ? std::min(scale, other) : std::max(scale, other);
    }
    for (const std::int64_t index : axes) {
      const auto axis = static_cast<std::size_t>(index);
      resize.scales[axis] = scale;
      resize.output[axis] = static_cast<std::int64_t>(std::floor(scale * static_cast<float>(input[axis]) + 0.5f));
    }
  }
  element_count(resize.output);
  for (std::size_t axis = 0; axis < rank; ++axis) {
    if (resize.output[axis] <= 0) view.fail("its output has no elements");
    if (resize.output[axis] > (1 << 24)) view.fail("its output " + to_string(resize.output) + " is absurd");
    resize.sources[axis].resize(static_cast<std::size_t>(resize.output[axis]));
    for (std::int64_t i = 0; i < resize.output[axis]; ++i) {
      // An axis that keeps its size copies itself, whatever the mode.
      const float position =
          source_position(view, position_mode, i, resize.scales[axis], input[axis], resize.output[axis]);
      const auto source =
          resize.scales[axis] == 1.0f ? i : static_cast<std::int64_t>(nearest(view, nearest_mode, position));
      resize.sources[axis][static_cast<std::size_t>(i)] = std::clamp<std::int64_t>(source, 0, input[axis] - 1);
    }
  }
  return resize;
}

}  // namespace northpole::network
