// clang-format off
// The one form in which later stages see each operator, whatever the opset and the exporter.
//
// Everything that an opset passes as a constant input or as an attribute is an *attribute* here, with nothing left to
// default, no negative axis and nothing to resolve. Inputs are tensors only.
//
//   Conv               kernel_shape, strides, pads [top, left, bottom, right], dilations, group; inputs x, w[, b]
//   MaxPool            kernel_shape, strides, pads, dilations. ceil_mode is resolved into larger bottom/right pads,
//                      which never win
//   AveragePool        kernel_shape, strides, pads, dilations, count_include_pad. ceil_mode is resolved likewise; it
//                      stays (= 1) only with count_include_pad = 1 and a window that hangs over the padding, which
//                      check_supported() refuses
//   GlobalAveragePool  (GlobalMaxPool becomes MaxPool over the whole picture)
//   Gemm               transA = 0 always, alpha = beta = 1. With a float constant: transB = 0, so B is [in, out] as in
//                      MatMul, and a bias is [out]. When B comes through DequantizeLinear, transB (0 or 1) stays as the
//                      file has it; alpha and beta other than 1 are refused there. A bias matrix becomes an Add.
//                      inputs a, b[, c]
//   MatMul             no attributes; B is [in, out]
//   Add, Sub, Mul      two inputs, a constant of Add and Mul second (Sum becomes Adds; Div by a float constant becomes
//                      Mul by its reciprocal)
//   Relu, Sigmoid, HardSwish   no attributes
//   Clip               min, max floats; absent means unbounded (Max/Min with one constant number become Clip; a Clip
//                      at 0 from below alone becomes Relu)
//   LeakyRelu          alpha (PRelu with one constant slope becomes LeakyRelu)
//   HardSigmoid        alpha, beta
//   ReduceMean         axes (ascending), keepdims
//   Concat             axis
//   Split              axis, split (sizes)
//   Slice              axes (ascending), starts, ends, steps, one each: 0 <= start < end <= dimension, step >= 1; the
//                      last element is at end - 1; axes that keep everything are left out
//   Pad                pads (all begins, then all ends, one for each axis, none negative), value; mode is constant
//   Reshape            shape, fully resolved; one input. Flatten, Squeeze, Unsqueeze, and Transpose that only moves
//                      dimensions of size 1, become Reshape
//   Transpose          perm
//   Resize             height_index, width_index: for each output row / column the input row / column it copies; also
//                      coordinate_transformation_mode, nearest_mode, and scales or sizes as the file has them (for
//                      the writer)
//   Softmax            axis
//   ArgMax             axis, keepdims, select_last_index
//   QuantizeLinear, DequantizeLinear   always three inputs: x, scale (float32), zero point; scale and zero point are
//                      scalars (shape []) by tensor, or 1-D with the attribute axis by channel
//
// BatchNormalization is folded into Conv or Gemm, or becomes Mul and Add with constants of shape [C, 1, ...].
// clang-format on
#pragma once

#include "network/graph.h"

namespace northpole::network {

// Rewrites every node into normal form. Needs graph.values (fold_constants or infer_shapes). True when it changed
// something. Throws Error naming the node for what has no normal form (reflecting Pad, cubic Resize, a Slice backwards
// ...).
bool normalize(Graph& graph);

// The way back: the same network in the standard form of its opset (13 or later), so that a file can hold it. Raises
// the opset where an element type demands it. Nodes in standard form already stay as they are.
Graph standard_form(Graph graph);

}  // namespace northpole::network
