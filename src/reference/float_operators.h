// Every operator in float32, one picture at a time: what the float interpreter and the host's share of a quantized
// network (Softmax, ArgMax and what follows them) are made of.
#pragma once

#include <functional>
#include <vector>

#include "network/graph.h"

namespace northpole::reference {

// A node made ready to run: shapes, constants and indices are settled once. Takes one pointer an input of the node
// (null for one left out) and gives one tensor an output.
using FloatOperator = std::function<std::vector<network::Tensor>(const std::vector<const network::Tensor*>&)>;

// Throws Error naming the node for an operator that it does not know. `graph` is in normal form
// (network/normal_form.h), with graph.values filled; the operator refers to it, so it must outlive the operator.
FloatOperator make_float_operator(const network::Graph& graph, const network::Node& node);

// The parts, a file each; they give an empty function for an operator that is not theirs.
FloatOperator make_float_product(const network::Graph& graph, const network::Node& node);      // Conv, Gemm, MatMul
FloatOperator make_float_pool(const network::Graph& graph, const network::Node& node);         // pools, means
FloatOperator make_float_elementwise(const network::Graph& graph, const network::Node& node);  // Add, Relu, ..., Q, DQ
FloatOperator make_float_movement(const network::Graph& graph, const network::Node& node);     // movement.h
FloatOperator make_float_decision(const network::Graph& graph, const network::Node& node);     // Softmax, ArgMax

}  // namespace northpole::reference
