// ONNX Runtime as a peer: runs a quantized network there, operator outputs included, and gives single operators to
// compare.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "network/graph.h"

namespace northpole::tests::onnxruntime {

using Tensors = std::map<std::string, network::Tensor>;

// One line saying why ONNX Runtime cannot be asked here, or nothing.
std::optional<std::string> missing();

// A quantized network's outputs and the codes of every QuantizeLinear, by value name, as ONNX Runtime computes them
// with the given graph optimisations. Throws std::runtime_error with what it said.
Tensors run(const network::Graph& graph, const Tensors& inputs, const std::string& optimization = "all");

// The outputs of a file as it is. Throws std::runtime_error with what ONNX Runtime said.
Tensors run_file(const std::string& path, const Tensors& inputs, const std::string& optimization = "all");

// The part of a quantized network between the DequantizeLinears in front of a QuantizeLinear's operator and the
// QuantizeLinear itself, as a network of its own: inputs are codes, the output is the QuantizeLinear's.
network::Graph operator_of(const network::Graph& graph, const network::Node& quantize_linear);

// How often two runs of an operator differ.
struct Share {
  std::int64_t elements = 0, different = 0, by_more_than_one = 0;
};

// For every operator, by ONNX name (with a clamp behind it: "Conv+Relu"): the reference interpreter, given ONNX
// Runtime's codes as inputs, against ONNX Runtime's outputs, vector precision FP32.
std::map<std::string, Share> compare_operators(const network::Graph& graph, const Tensors& computed,
                                               const Tensors& inputs);

// Adds the counts up.
void add(std::map<std::string, Share>& sum, const std::map<std::string, Share>& more);

// Prints the shares, and fails the test unless convolutions, matrix products and movements agree to the bit and the
// others within one step.
void expect_agreement(const std::map<std::string, Share>& shares);

}  // namespace northpole::tests::onnxruntime
