// The operators between a layer and a quantizer, as functions of one number by channel: scales, offsets, batch
// normalisations, clamps.
#pragma once

#include <string>
#include <vector>

#include "network/graph.h"

namespace northpole::network {

// value -> clamp(value * scale + offset, low, high); scale and offset are one number, or one for each channel.
struct ChainStep {
  std::vector<double> scale{1}, offset{0};
  double low, high;
  bool is_affine = false;  // it scales or adds
};

struct ValueChain {
  std::string source;            // the value that the steps begin with
  std::vector<ChainStep> steps;  // in the order of computation

  // Steps that scale or add.
  std::size_t affine_steps() const;

  double at(std::size_t channel, double value) const;
  // What a value in the clamps' midst is multiplied by and what is added; clamps left out.
  double slope(std::size_t channel) const;
  double intercept(std::size_t channel) const;
};

// As far back from the value as steps go whose constants stand along `axis` (negative: from the last one).
// Needs graph.values. Nodes need not be in normal form.
ValueChain chain_before(const Graph& graph, const std::string& value, std::int64_t axis);

}  // namespace northpole::network
