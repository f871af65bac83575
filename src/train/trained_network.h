// The network while it is trained: a float network whose values and weights go through learned quantizers.
//
// Each layer with weights computes with gain[c] * quantized(weights; step): one step for the layer, as published, over
// weights that were divided by a gain for each output channel, so that the folded batch normalisation (whose channels
// differ a hundredfold) does not have to fit into one step. The gains are learned and become part of the channels'
// scales. With batch normalisation the gain is that of the normalisation, which is folded at the end.
#pragma once

#include <torch/types.h>

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "network/graph.h"
#include "quantize/emit.h"
#include "quantize/points.h"
#include "train/lsq.h"
#include "train/settings.h"

namespace northpole::train {

class TrainedNetwork {
 public:
  // graph: float, as prepared() gives it. Throws Error naming the node for what cannot be trained.
  TrainedNetwork(network::Graph graph, const Settings& settings);

  // Sets every step (and, with batch normalisation, gain and offset) from what the float network makes of these
  // pictures, N x its input's shape. Throws Error naming a value that becomes infinite or not a number.
  void start_from(const torch::Tensor& pictures);

  // The scores of each picture, N x classes, before a Softmax or ArgMax at the end.
  torch::Tensor scores(const torch::Tensor& pictures, bool training);
  // The same by the float network, without gradients.
  torch::Tensor float_scores(const torch::Tensor& pictures) const;

  // What an optimizer changes, by name, in the order of the names.
  const std::map<std::string, torch::Tensor>& parameters() const { return parameters_; }
  // What is kept beside it: running means and deviations of the normalisations.
  const std::map<std::string, torch::Tensor>& statistics() const { return statistics_; }
  // Steps and gains stay positive, and steps where half precision has normal numbers. To be called behind each update.
  void confine_parameters();

  // The parameters as integers and scales: what is written, and what the integer network computes with.
  quantize::Decisions decisions() const;

  const network::Graph& graph() const { return graph_; }
  const quantize::Points& points() const { return points_; }
  std::int64_t classes() const { return classes_; }
  // The name of the value that holds the scores.
  const std::string& scores_name() const { return scores_; }

 private:
  static constexpr double epsilon = 1e-5;  // of batch normalisation
  // Steps of activations stay normal numbers in half precision, and so do their reciprocals.
  static constexpr double smallest_step = 0x1p-13, largest_step = 0x1p13;

  using Values = std::map<std::string, torch::Tensor>;
  struct Activation {  // of a group of points
    network::ElementType type;
    std::int32_t zero_point = 0;
    CodeRange range;
    double gradient_scale = 1;
    bool learned = true;
  };
  struct Layer {
    int bits = 8;
    CodeRange range;
    double gradient_scale = 1;
    std::int64_t axis = 0;  // of the output channels in the weights
    std::int64_t channels = 0;
    double smallest_step = 0;
  };

  static CodeRange range_of(network::ElementType type, std::int32_t zero_point) {
    return {network::lowest_code(type) - zero_point, network::highest_code(type) - zero_point};
  }
  static torch::Tensor learned(const torch::Tensor& value) { return value.detach().clone().set_requires_grad(true); }

  void find_scores();
  void make_layer(const network::Node& node, int bits);
  void start_normalisation(const network::Node& node, const torch::Tensor& output);
  torch::Tensor layer_output(const network::Node& node, const torch::Tensor& input, bool training);
  torch::Tensor quantized_value(const std::string& name, const torch::Tensor& value);
  // Runs the nodes up to the scores: `weighted` those with weights, `visit` sees every value and may replace it.
  using Weighted = std::function<torch::Tensor(const network::Node& node, const std::vector<torch::Tensor>& inputs)>;
  using Visit = std::function<torch::Tensor(const std::string& name, const torch::Tensor& value)>;
  torch::Tensor run(const torch::Tensor& pictures, const Weighted& weighted, const Visit& visit) const;
  torch::Tensor& parameter(const std::string& name) { return parameters_.at(name); }
  void check_biases(const std::string& layer, const quantize::Decisions& decisions) const;
  torch::Tensor by_channel(const torch::Tensor& values, const Layer& layer, std::int64_t rank) const;

  network::Graph graph_;
  Settings settings_;
  quantize::Points points_;
  std::vector<Activation> activations_;  // one a group
  std::map<std::string, Layer> layers_;  // by node name
  std::map<std::string, torch::Tensor> constants_, parameters_, statistics_;
  std::map<std::string, std::vector<std::string>> last_reads_;  // node to the values that nobody reads after it
  std::string scores_;
  std::int64_t classes_ = 0;
};

}  // namespace northpole::train
