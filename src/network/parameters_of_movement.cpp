#include <algorithm>
#include <numeric>

#include "network/parameters.h"

namespace northpole::network {
namespace {

std::int64_t clamp(std::int64_t value, std::int64_t low, std::int64_t high) {
  return std::min(std::max(value, low), high);
}

Shape squeezed(const NodeView& view) {
  const Shape& shape = view.shape(0);
  Integers axes;
  if (const auto given = view.integers("axes", 1)) {
    axes = view.resolved_axes(*given, view.rank(0));
  } else {
    for (std::size_t axis = 0; axis < shape.size(); ++axis)
      if (shape[axis] == 1) axes.push_back(static_cast<std::int64_t>(axis));
  }
  Shape left;
  for (std::size_t axis = 0; axis < shape.size(); ++axis) {
    if (std::find(axes.begin(), axes.end(), static_cast<std::int64_t>(axis)) == axes.end()) {
      left.push_back(shape[axis]);
    } else if (shape[axis] != 1) {
      view.fail("cannot squeeze axis " + std::to_string(axis) + " of " + to_string(shape));
    }
  }
  return left;
}

Shape unsqueezed(const NodeView& view) {
  const auto given = view.integers("axes", 1);
  if (!given) view.fail("it has no axes");
  const Shape& shape = view.shape(0);
  const std::int64_t rank = view.rank(0) + static_cast<std::int64_t>(given->size());
  const Integers axes = view.resolved_axes(*given, rank);
  Shape result;
  std::size_t next = 0;
  for (std::int64_t axis = 0; axis < rank; ++axis)
    result.push_back(std::find(axes.begin(), axes.end(), axis) != axes.end() ? 1 : shape[next++]);
  return result;
}

Shape flattened(const NodeView& view) {
  const Shape& shape = view.shape(0);
  std::int64_t axis = view.node.integer("axis", 1);
  if (axis != view.rank(0)) axis = view.resolved_axis(axis, view.rank(0));
  return {element_count(Shape(shape.begin(), shape.begin() + axis)),
          element_count(Shape(shape.begin() + axis, shape.end()))};
}

}  // namespace

SliceRange slice_of(const NodeView& view) {
  const Shape& shape = view.shape(0);
  const auto starts = view.integers("starts", 1), ends = view.integers("ends", 2);
  if (!starts || !ends) view.fail("it has no starts or no ends");
  auto axes = view.integers("axes", 3), steps = view.integers("steps", 4);
  if (!axes) {
    axes.emplace(starts->size());
    std::iota(axes->begin(), axes->end(), 0);
  }
  if (!steps) steps.emplace(starts->size(), 1);
  if (ends->size() != starts->size() || axes->size() != starts->size() || steps->size() != starts->size())
    view.fail("starts, ends, axes and steps differ in length");
  *axes = view.resolved_axes(*axes, view.rank(0));

  SliceRange range{Integers(shape.size(), 0), Integers(shape.size(), 1), shape};
  for (std::size_t i = 0; i < starts->size(); ++i) {
    const auto axis = static_cast<std::size_t>((*axes)[i]);
    const std::int64_t size = shape[axis], step = (*steps)[i];
    if (step == 0) view.fail("a step is 0");
    // Counted from the end when negative; the sums cannot overflow because size is below 2^40 and the values are
    // clamped.
    const auto from_front = [&](std::int64_t index) {
      return index < 0 ? std::max<std::int64_t>(index, -size - 1) + size : index;
    };
    const std::int64_t low = step > 0 ? 0 : -1, high = step > 0 ? size : size - 1;
    const std::int64_t start = clamp(from_front((*starts)[i]), std::max<std::int64_t>(low, 0), high);
    const std::int64_t end = clamp(from_front((*ends)[i]), low, high);
    const std::int64_t distance = step > 0 ? end - start : start - end;
    const std::int64_t stride = step > 0 ? step : (step == INT64_MIN ? INT64_MAX : -step);
    range.start[axis] = start;
    range.step[axis] = step;
    range.count[axis] = distance <= 0 ? 0 : (distance - 1) / stride + 1;
  }
  return range;
}

Padding padding_of(const NodeView& view) {
  const std::string mode = view.node.text("mode", "constant");
  if (mode != "constant") view.fail("mode " + mode + " is not supported; only constant padding is");
  const auto given = view.integers("pads", 1);
  if (!given) view.fail("it has no pads");
  const auto rank = static_cast<std::size_t>(view.rank(0));
  Integers axes(rank);
  std::iota(axes.begin(), axes.end(), 0);
  if (const auto named = view.integers("axes", 3)) axes = view.resolved_axes(*named, view.rank(0));
  if (given->size() != 2 * axes.size())
    view.fail("pads has " + std::to_string(given->size()) + " entries, " + std::to_string(2 * axes.size()) +
              " are needed");
  Padding padding;
  padding.value = view.real("value", 2).value_or(0.0f);
  padding.pads.assign(2 * rank, 0);
  for (std::size_t i = 0; i < axes.size(); ++i) {
    for (const bool end : {false, true}) {
      const std::int64_t pad = (*given)[i + (end ? axes.size() : 0)];
      if (pad > (std::int64_t{1} << 31) || pad < -(std::int64_t{1} << 40))
        view.fail("pads holds " + std::to_string(pad));
      padding.pads[static_cast<std::size_t>(axes[i]) + (end ? rank : 0)] = pad;
    }
  }
  return padding;
}

Shape reshape_target(const NodeView& view) {
  if (view.node.op == "Squeeze") return squeezed(view);
  if (view.node.op == "Unsqueeze") return unsqueezed(view);
  if (view.node.op == "Flatten") return flattened(view);
  const auto given = view.integers("shape", 1);
  if (!given) view.fail("it has no shape");
  const Shape& input = view.shape(0);
  const bool zero_is_zero = view.node.integer("allowzero", 0) != 0;
  Shape target = *given;
  std::optional<std::size_t> open;
  for (std::size_t axis = 0; axis < target.size(); ++axis) {
    if (target[axis] == -1) {
      if (open) view.fail("its shape has two dimensions of -1");
      open = axis;
      target[axis] = 1;
    } else if (target[axis] == 0 && !zero_is_zero) {
      if (axis >= input.size())
        view.fail("its shape copies dimension " + std::to_string(axis) + ", which the input does not have");
      target[axis] = input[axis];
    }
  }
  const std::int64_t elements = element_count(input), known = element_count(target);
  if (open && known != 0) target[*open] = elements / known;
  if (element_count(target) != elements) view.fail("cannot reshape " + to_string(input) + " to " + to_string(*given));
  return target;
}

Integers permutation_of(const NodeView& view) {
  Integers reversed(static_cast<std::size_t>(view.rank(0)));
  std::iota(reversed.rbegin(), reversed.rend(), 0);
  const Integers permutation = view.node.integers("perm", reversed);
  if (permutation.size() != reversed.size()) view.fail("perm does not fit " + to_string(view.shape(0)));
  return view.resolved_axes(permutation, view.rank(0));
}

std::int64_t split_axis(const NodeView& view) { return view.resolved_axis(view.node.integer("axis", 0), view.rank(0)); }

Integers split_sizes(const NodeView& view) {
  const std::int64_t size = view.shape(0)[static_cast<std::size_t>(split_axis(view))];
  const auto parts = static_cast<std::int64_t>(view.node.outputs.size());
  if (parts == 0) view.fail("it has no outputs");
  auto sizes = view.integers("split", 1);
  if (!sizes) {
    const std::int64_t number = view.node.integer("num_outputs", parts);
    if (number != parts)
      view.fail("num_outputs is " + std::to_string(number) + ", but it has " + std::to_string(parts) + " outputs");
    // Opset 18 lets the last part be smaller.
    const std::int64_t each = (size + parts - 1) / parts;
    if (size % parts != 0 && (!view.node.has("num_outputs") || each * (parts - 1) >= size))
      view.fail("cannot split " + std::to_string(size) + " elements into " + std::to_string(parts) + " equal parts");
    sizes.emplace(static_cast<std::size_t>(parts), each);
    sizes->back() = size - each * (parts - 1);
  }
  std::int64_t sum = 0;
  for (const std::int64_t part : *sizes) {
    if (part < 0 || part > size) view.fail("split holds " + std::to_string(part));
    sum += part;
  }
  if (sizes->size() != static_cast<std::size_t>(parts) || sum != size)
    view.fail("split does not fit " + std::to_string(parts) + " outputs of " + std::to_string(size) +
              " elements in all");
  return *sizes;
}

std::int64_t concat_axis(const NodeView& view) {
  return view.resolved_axis(view.node.integer("axis", 1), view.rank(0));
}

Reduction reduction_of(const NodeView& view) {
  Reduction reduction;
  reduction.keep = view.node.integer("keepdims", 1) != 0;
  const auto axes = view.integers("axes", 1);
  if (axes) reduction.axes = view.resolved_axes(*axes, view.rank(0));
  std::sort(reduction.axes.begin(), reduction.axes.end());
  if (reduction.axes.empty() && view.node.integer("noop_with_empty_axes", 0) == 0) {
    reduction.axes.resize(static_cast<std::size_t>(view.rank(0)));
    std::iota(reduction.axes.begin(), reduction.axes.end(), 0);
  }
  return reduction;
}

Shape reduced_shape(const Shape& shape, const Reduction& reduction) {
  Shape result;
  for (std::size_t axis = 0; axis < shape.size(); ++axis) {
    const bool reduced =
        std::binary_search(reduction.axes.begin(), reduction.axes.end(), static_cast<std::int64_t>(axis));
    if (!reduced) result.push_back(shape[axis]);
    if (reduced && reduction.keep) result.push_back(1);
  }
  return result;
}

Shape broadcast_shape(const NodeView& view, const Shape& a, const Shape& b) {
  Shape result(std::max(a.size(), b.size()));
  for (std::size_t i = 0; i < result.size(); ++i) {
    const std::int64_t x = i < a.size() ? a[a.size() - 1 - i] : 1;
    const std::int64_t y = i < b.size() ? b[b.size() - 1 - i] : 1;
    if (x != y && x != 1 && y != 1)
      view.fail("its inputs of shapes " + to_string(a) + " and " + to_string(b) + " do not fit together");
    result[result.size() - 1 - i] = x == 1 ? y : x;
  }
  return result;
}

}  // namespace northpole::network
