// A layer whose every output is a sum of products of codes with constant integers: what a quantizer behind it can be
// folded into.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "network/dialects/real_values.h"
#include "network/graph.h"

namespace northpole::network {

struct LinearSource {
  std::string name;  // of the node, for the layer that takes its place
  std::string op;    // of that layer: "Conv" or "MatMul"
  std::map<std::string, Attribute> attributes;
  std::string input;      // the activation, behind a DequantizeLinear
  CodesOf codes;          // of the input
  std::int64_t axis = 1;  // of the output channels in the output

  // Integers that multiply code - zero point, in the order of the weights; output channel of element i: channel_of(i).
  Shape weight_shape;
  std::vector<std::int64_t> weights;
  std::int64_t outputs = 0;
  std::vector<double> unit;  // what a sum of 1 stands for, by output channel
  std::vector<double> bias;  // real, by output channel

  std::size_t channel_of(std::size_t element) const {
    const auto inner = op == "Conv" ? weights.size() / static_cast<std::size_t>(outputs) : std::size_t{1};
    return element / inner % static_cast<std::size_t>(outputs);
  }
  // The sums that can occur, by output channel.
  struct Range {
    std::int64_t least = 0, largest = 0;
  };
  std::vector<Range> ranges() const;
};

// The layer that makes the value: Conv, Gemm or MatMul of an activation with constant integers, or an average pool of
// one (its weights are ones). Nothing when it is something else. Needs graph.values; nodes need not be in normal form.
std::optional<LinearSource> linear_source_of(const Graph& graph, const std::string& value);

// An activation itself, each channel times one: a depthwise convolution of pictures, a diagonal matrix of a vector.
// Nothing for other shapes.
std::optional<LinearSource> pointwise_source_of(const Graph& graph, const std::string& value, const std::string& name);

}  // namespace northpole::network
