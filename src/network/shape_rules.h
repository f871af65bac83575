// One rule an operator: the types and shapes of its outputs. Internal to shape inference.
#pragma once

#include <string>
#include <vector>

#include "network/node_view.h"

namespace northpole::network {

// Types and shapes of the outputs, in order; names are left empty. May give fewer than the node has outputs when
// nobody may use the others.
using ShapeRule = std::vector<Port> (*)(const NodeView& view);

// Null for an operator without a rule.
ShapeRule find_shape_rule(const std::string& op);

// Rules by subject, each in its file.
std::vector<Port> shapes_of_convolution(const NodeView& view);
std::vector<Port> shapes_of_pool(const NodeView& view);
std::vector<Port> shapes_of_global_pool(const NodeView& view);
std::vector<Port> shapes_of_gemm(const NodeView& view);
std::vector<Port> shapes_of_matrix_product(const NodeView& view);

}  // namespace northpole::network
