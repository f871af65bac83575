#include <algorithm>

#include "network/evaluate.h"
#include "network/parameters.h"

namespace northpole::network {

std::vector<std::int64_t> strides_of(const Shape& shape) {
  std::vector<std::int64_t> strides(shape.size(), 1);
  for (std::size_t axis = shape.size(); axis-- > 1;) strides[axis - 1] = strides[axis] * shape[axis];
  return strides;
}

Tensor copied(const NodeView& view, const Tensor& input, const Shape& shape, std::int64_t offset,
              const std::vector<std::int64_t>& strides) {
  Tensor result = new_constant(view, input.type, shape);
  const std::int64_t count = result.size();
  const std::size_t size = element_size(input.type);
  std::vector<std::int64_t> index(shape.size(), 0);
  std::int64_t source = offset;
  for (std::int64_t i = 0; i < count; ++i) {
    std::memcpy(result.bytes.data() + static_cast<std::size_t>(i) * size,
                input.bytes.data() + static_cast<std::size_t>(source) * size, size);
    for (std::size_t axis = shape.size(); axis-- > 0;) {
      source += strides[axis];
      if (++index[axis] < shape[axis]) break;
      source -= strides[axis] * shape[axis];
      index[axis] = 0;
    }
  }
  return result;
}

std::vector<Tensor> evaluate_reshape(const NodeView& view) {
  Tensor result = *view.constant(0);
  result.shape = reshape_target(view);
  return {std::move(result)};
}

std::vector<Tensor> evaluate_transpose(const NodeView& view) {
  const Tensor& input = *view.constant(0);
  const auto from = strides_of(input.shape);
  Shape shape;
  Integers strides;
  for (const std::int64_t axis : permutation_of(view)) {
    shape.push_back(input.shape[static_cast<std::size_t>(axis)]);
    strides.push_back(from[static_cast<std::size_t>(axis)]);
  }
  return {copied(view, input, shape, 0, strides)};
}

std::vector<Tensor> evaluate_slice(const NodeView& view) {
  const Tensor& input = *view.constant(0);
  const SliceRange range = slice_of(view);
  Integers strides = strides_of(input.shape);
  std::int64_t offset = 0;
  for (std::size_t axis = 0; axis < strides.size(); ++axis) {
    offset += range.start[axis] * strides[axis];
    strides[axis] =
        range.count[axis] > 1 ? strides[axis] * range.step[axis] : 0;  // a lone element's step may be absurd
  }
  return {copied(view, input, range.count, offset, strides)};
}

std::vector<Tensor> evaluate_split(const NodeView& view) {
  const Tensor& input = *view.constant(0);
  const auto axis = static_cast<std::size_t>(split_axis(view));
  const Integers strides = strides_of(input.shape);
  std::vector<Tensor> parts;
  std::int64_t offset = 0;
  for (const std::int64_t size : split_sizes(view)) {
    Shape shape = input.shape;
    shape[axis] = size;
    parts.push_back(copied(view, input, shape, offset, strides));
    offset += size * strides[axis];
  }
  return parts;
}

std::vector<Tensor> evaluate_expand(const NodeView& view) {
  const Tensor& input = *view.constant(0);
  const Shape shape = broadcast_shape(view, input.shape, *view.integers("shape", 1));
  const Integers from = strides_of(input.shape);
  Integers strides(shape.size(), 0);
  const std::size_t lead = shape.size() - input.shape.size();
  for (std::size_t axis = 0; axis < from.size(); ++axis) strides[lead + axis] = input.shape[axis] == 1 ? 0 : from[axis];
  return {copied(view, input, shape, 0, strides)};
}

std::vector<Tensor> evaluate_tile(const NodeView& view) {
  const Tensor& input = *view.constant(0);
  const Integers repeats = *view.integers("repeats", 1);
  if (repeats.size() != input.shape.size()) view.fail("its repeats do not fit " + to_string(input.shape));
  // Seen as twice the axes: a repeat axis of stride 0 before each axis of the tensor.
  Shape shape, merged;
  Integers strides;
  const Integers from = strides_of(input.shape);
  for (std::size_t axis = 0; axis < repeats.size(); ++axis) {
    shape.insert(shape.end(), {repeats[axis], input.shape[axis]});
    strides.insert(strides.end(), {0, from[axis]});
  }
  Tensor result = copied(view, input, shape, 0, strides);
  for (std::size_t axis = 0; axis < repeats.size(); ++axis) merged.push_back(repeats[axis] * input.shape[axis]);
  result.shape = merged;
  return {std::move(result)};
}

std::vector<Tensor> evaluate_concat(const NodeView& view) {
  const auto axis = static_cast<std::size_t>(concat_axis(view));
  Shape shape = view.shape(0);
  shape[axis] = 0;
  for (std::size_t i = 0; i < view.node.inputs.size(); ++i) {
    Shape other = view.shape(i);
    if (other.size() != shape.size()) view.fail("its inputs differ in rank");
    shape[axis] += other[axis];
    other[axis] = 0;
    for (std::size_t k = 0; k < shape.size(); ++k)
      if (k != axis && other[k] != shape[k]) view.fail("its inputs do not fit together");
    if (view.input(i).type != view.input(0).type) view.fail("its inputs differ in element type");
  }
  Tensor result = new_constant(view, view.input(0).type, shape);
  const std::size_t rows =
      static_cast<std::size_t>(element_count(Shape(shape.begin(), shape.begin() + static_cast<std::ptrdiff_t>(axis))));
  const std::size_t row_bytes = rows == 0 ? 0 : result.bytes.size() / rows;
  std::size_t column = 0;
  for (std::size_t i = 0; i < view.node.inputs.size(); ++i) {
    const Tensor& part = *view.constant(i);
    const std::size_t part_bytes = rows == 0 ? 0 : part.bytes.size() / rows;
    for (std::size_t row = 0; row < rows && part_bytes > 0; ++row)
      std::memcpy(result.bytes.data() + row * row_bytes + column, part.bytes.data() + row * part_bytes, part_bytes);
    column += part_bytes;
  }
  return {std::move(result)};
}

std::vector<Tensor> evaluate_gather(const NodeView& view) {
  const Tensor& data = *view.constant(0);
  const Tensor& indices = *view.constant(1);
  const auto axis = static_cast<std::size_t>(view.resolved_axis(view.node.integer("axis", 0), view.rank(0)));
  const auto at = static_cast<std::ptrdiff_t>(axis);
  Shape shape(data.shape.begin(), data.shape.begin() + at);
  shape.insert(shape.end(), indices.shape.begin(), indices.shape.end());
  shape.insert(shape.end(), data.shape.begin() + at + 1, data.shape.end());
  Tensor result = new_constant(view, data.type, shape);
  const std::int64_t outer = element_count(Shape(data.shape.begin(), data.shape.begin() + at));
  const auto inner = static_cast<std::size_t>(element_count(Shape(data.shape.begin() + at + 1, data.shape.end()))) *
                     element_size(data.type);
  const std::int64_t length = data.shape[axis];
  std::uint8_t* target = result.bytes.data();
  for (std::int64_t i = 0; i < outer; ++i) {
    for (std::int64_t k = 0; k < indices.size(); ++k, target += inner) {
      std::int64_t index = indices.integer(k);
      if (index < -length || index >= length)
        view.fail("index " + std::to_string(index) + " is outside " + to_string(data.shape));
      if (index < 0) index += length;
      if (inner > 0)
        std::memcpy(target, data.bytes.data() + static_cast<std::size_t>(i * length + index) * inner, inner);
    }
  }
  return {std::move(result)};
}

std::vector<Tensor> evaluate_pad(const NodeView& view) {
  const Tensor& input = *view.constant(0);
  const Padding padding = padding_of(view);
  const std::size_t rank = input.shape.size();
  Shape shape = input.shape;
  for (std::size_t axis = 0; axis < rank; ++axis) shape[axis] += padding.pads[axis] + padding.pads[axis + rank];
  Tensor result = new_constant(view, input.type, shape);
  const Integers strides = strides_of(shape);
  for (std::int64_t i = 0; i < result.size(); ++i) set_element(result, i, static_cast<double>(padding.value));
  const Integers from = strides_of(input.shape);
  const std::size_t size = element_size(input.type);
  for (std::int64_t i = 0; i < input.size(); ++i) {
    std::int64_t target = 0;
    bool inside = true;
    for (std::size_t axis = 0; axis < rank; ++axis) {
      const std::int64_t index = i / from[axis] % input.shape[axis] + padding.pads[axis];
      inside = inside && index >= 0 && index < shape[axis];
      target += index * strides[axis];
    }
    if (inside)
      std::memcpy(result.bytes.data() + static_cast<std::size_t>(target) * size,
                  input.bytes.data() + static_cast<std::size_t>(i) * size, size);
  }
  return {std::move(result)};
}

}  // namespace northpole::network
