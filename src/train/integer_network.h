// What the trained network computes on the machine, in the integers of docs/numerics.md, on whole batches by libtorch:
// the trainer's own account of its result. The accuracy that a training states is this network's.
//
// It reads the trainer's decisions and shares no code with the reference interpreter, which reads the written file;
// tests hold every code of the one against the other's.
#pragma once

#include <torch/types.h>

#include <functional>
#include <map>
#include <string>

#include "network/graph.h"
#include "quantize/emit.h"
#include "quantize/points.h"
#include "reference/half.h"

namespace northpole::train {

class IntegerNetwork {
 public:
  // Sees the codes (float32, N x the value's shape, zero point included) of each quantized value.
  using Visitor = std::function<void(const std::string& value, const torch::Tensor& codes)>;

  // Half precision for the vector unit's work, as the published machine has it. graph, points: as TrainedNetwork's.
  IntegerNetwork(const network::Graph& graph, const quantize::Points& points, quantize::Decisions decisions);

  // The codes of value `scores` (which need not be the last), N x what it has for one picture, as integers in float32.
  torch::Tensor run(const torch::Tensor& pictures, const std::string& scores, const Visitor& visit = {}) const;

 private:
  struct Layer {
    torch::Tensor weights, bias, multipliers;  // codes, codes of the sums' scale, one a channel
  };
  // Where results go: a quantization, and the codes less zero point that a Relu or Clip behind the operator leaves.
  struct Target {
    reference::Quantization quantization;
    double lowest = 0, highest = 0;
  };

  const reference::Quantization& quantization_of(const std::string& value) const;
  // The quantized value behind the node's output: itself, or that of the clamps behind it.
  std::string quantized_output(const network::Node& node) const;
  Target target_of(const network::Node& node) const;
  Layer layer_of(const network::Node& node) const;
  torch::Tensor operate(const network::Node& node, const std::vector<torch::Tensor>& inputs,
                        const Target& target) const;
  torch::Tensor product(const network::Node& node, const torch::Tensor& input, const Target& target) const;
  torch::Tensor average(const network::Node& node, const torch::Tensor& input, const Target& target) const;
  torch::Tensor element_wise(const network::Node& node, const std::vector<torch::Tensor>& inputs,
                             const Target& target) const;
  torch::Tensor function(const network::Node& node, const torch::Tensor& input, const Target& target) const;

  const network::Graph& graph_;
  const quantize::Points& points_;
  quantize::Decisions decisions_;
  std::map<std::string, Layer> layers_;
};

}  // namespace northpole::train
