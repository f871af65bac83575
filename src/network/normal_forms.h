// One function an operator: the nodes that stand for a node in normal form. Internal to normalize().
#pragma once

#include <vector>

#include "network/node_view.h"

namespace northpole::network {

// Replaces `node`, whose inputs are in graph.values; may add constants to the graph. A node in normal form comes back
// as it is.
using NormalForm = std::vector<Node> (*)(Graph& graph, const Node& node);

// A node of the same name and outputs with nothing but its first input and no attributes.
Node bare(const Node& node, const std::string& op);

std::vector<Node> normal_convolution(Graph& graph, const Node& node);
std::vector<Node> normal_pool(Graph& graph, const Node& node);
std::vector<Node> normal_global_max_pool(Graph& graph, const Node& node);
std::vector<Node> normal_gemm(Graph& graph, const Node& node);

std::vector<Node> normal_commutative(Graph& graph, const Node& node);  // Add, Mul
std::vector<Node> normal_division(Graph& graph, const Node& node);
std::vector<Node> normal_sum(Graph& graph, const Node& node);
std::vector<Node> normal_limit(Graph& graph, const Node& node);  // Max, Min
std::vector<Node> normal_clip(Graph& graph, const Node& node);
std::vector<Node> normal_prelu(Graph& graph, const Node& node);
std::vector<Node> normal_leaky_relu(Graph& graph, const Node& node);
std::vector<Node> normal_hard_sigmoid(Graph& graph, const Node& node);
std::vector<Node> normal_reduce_mean(Graph& graph, const Node& node);
std::vector<Node> normal_softmax(Graph& graph, const Node& node);
std::vector<Node> normal_arg_max(Graph& graph, const Node& node);

std::vector<Node> normal_concat(Graph& graph, const Node& node);
std::vector<Node> normal_split(Graph& graph, const Node& node);
std::vector<Node> normal_slice(Graph& graph, const Node& node);
std::vector<Node> normal_pad(Graph& graph, const Node& node);
std::vector<Node> normal_reshape(Graph& graph, const Node& node);  // also Flatten, Squeeze, Unsqueeze
std::vector<Node> normal_transpose(Graph& graph, const Node& node);
std::vector<Node> normal_resize(Graph& graph, const Node& node);  // also Upsample

std::vector<Node> normal_quantization(Graph& graph, const Node& node);  // QuantizeLinear, DequantizeLinear

}  // namespace northpole::network
