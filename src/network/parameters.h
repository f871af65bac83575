// The parameters of operators, resolved: whatever opset wrote them, with defaults filled in, negative axes counted from
// the front and automatic padding worked out. Shape inference, folding and normalisation all read operators through
// these. Each throws Error naming the node for parameters that cannot be.
#pragma once

#include <vector>

#include "network/node_view.h"

namespace northpole::network {

using Integers = std::vector<std::int64_t>;

// A window that slides over the spatial axes (all but the first two) of Conv and the pools.
struct Window {
  Integers kernel, strides, dilations;
  Integers pads;    // all begins, then all ends
  Integers output;  // spatial output dimensions
  // With ceil_mode the last window may hang over the padding: by so much at each axis' end.
  Integers overhang;
};
Window window_of(const NodeView& view, const Shape& input, const Shape& default_kernel);

struct SliceRange {
  Integers start, step, count;  // one for each axis of the tensor; element i is start + i * step
};
SliceRange slice_of(const NodeView& view);

struct Padding {
  Integers pads;  // all begins, then all ends, one for each axis; may be negative
  float value = 0;
};
Padding padding_of(const NodeView& view);

Shape reshape_target(const NodeView& view);  // Reshape, Flatten, Squeeze, Unsqueeze
Integers permutation_of(const NodeView& view);
std::int64_t split_axis(const NodeView& view);
Integers split_sizes(const NodeView& view);  // one for each output
std::int64_t concat_axis(const NodeView& view);

struct Reduction {
  Integers axes;  // ascending
  bool keep = true;
};
Reduction reduction_of(const NodeView& view);
Shape reduced_shape(const Shape& shape, const Reduction& reduction);

// Resize and Upsample: for each axis, the input index that each output index copies.
struct NearestResize {
  Shape output;
  std::vector<float> scales;
  std::vector<Integers> sources;
};
NearestResize nearest_resize_of(const NodeView& view);

// The shape both broadcast to; fails when there is none.
Shape broadcast_shape(const NodeView& view, const Shape& a, const Shape& b);

}  // namespace northpole::network
