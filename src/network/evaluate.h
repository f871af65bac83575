// Operators worked out on the host, on constants. Internal to folding.
#pragma once

#include <string>
#include <vector>

#include "network/node_view.h"

namespace northpole::network {

// All inputs are constants (for Shape and Size only the shape needs to be known).
using Evaluator = std::vector<Tensor> (*)(const NodeView& view);

// Null for an operator that is not evaluated.
Evaluator find_evaluator(const std::string& op);

// Elements of a new tensor of at most 2^26 elements; fails beyond, before anything is allocated.
Tensor new_constant(const NodeView& view, ElementType type, const Shape& shape);

// Sets an element from a number that fits: the float types round, the integer types take the low bits.
void set_element(Tensor& tensor, std::int64_t index, double value);
void set_element(Tensor& tensor, std::int64_t index, std::int64_t value);
bool is_float(ElementType type);

// Copies elements: output element at index i (an index vector) is the input's element number offset + sum(i * strides).
Tensor copied(const NodeView& view, const Tensor& input, const Shape& shape, std::int64_t offset,
              const std::vector<std::int64_t>& strides);
// Elements from one index to the next along each axis, row-major.
std::vector<std::int64_t> strides_of(const Shape& shape);

// Evaluators by subject, each in its file.
std::vector<Tensor> evaluate_binary(const NodeView& view);
std::vector<Tensor> evaluate_unary(const NodeView& view);
std::vector<Tensor> evaluate_where(const NodeView& view);
std::vector<Tensor> evaluate_reduction(const NodeView& view);
std::vector<Tensor> evaluate_reshape(const NodeView& view);
std::vector<Tensor> evaluate_transpose(const NodeView& view);
std::vector<Tensor> evaluate_slice(const NodeView& view);
std::vector<Tensor> evaluate_expand(const NodeView& view);
std::vector<Tensor> evaluate_tile(const NodeView& view);
std::vector<Tensor> evaluate_concat(const NodeView& view);
std::vector<Tensor> evaluate_split(const NodeView& view);
std::vector<Tensor> evaluate_gather(const NodeView& view);
std::vector<Tensor> evaluate_pad(const NodeView& view);

}  // namespace northpole::network
