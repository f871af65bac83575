// Operators of a float network (network/normal_form.h) on batches, by libtorch, which also knows their gradients.
#pragma once

#include <torch/types.h>

#include <vector>

#include "network/graph.h"

namespace northpole::train {

// Inputs: one tensor an input of the node, N pictures along the first dimension of activations (1 in the graph's
// shapes); constants as they are. Gives one tensor an output. Throws Error naming the node for what cannot be trained:
// operators that mix the pictures of a batch.
std::vector<torch::Tensor> run_operator(const network::Graph& graph, const network::Node& node,
                                        const std::vector<torch::Tensor>& inputs);

// A float constant as a tensor of its own.
torch::Tensor to_torch(const network::Tensor& tensor);

}  // namespace northpole::train
