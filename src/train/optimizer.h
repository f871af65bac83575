// How parameters change with their gradients. What it remembers is named like the parameters, so that a checkpoint can
// hold it.
#pragma once

#include <torch/types.h>

#include <map>
#include <string>

#include "train/settings.h"

namespace northpole::train {

// sgd: v = 0.9 v + (g + decay p), p -= rate v.
// adam: Kingma, Ba, "Adam", ICLR 2015, with beta 0.9 and 0.999, epsilon 1e-8; the decay is apart from the gradient
// (Loshchilov, Hutter, "Decoupled weight decay regularization", ICLR 2019).
// Its changes are of the rate's size whatever the gradient's, so those of quantization steps are multiplied by the
// step. Decay pulls parameters called ".../weights" alone.
class ParameterUpdate {
 public:
  ParameterUpdate(Optimizer kind, double weight_decay) : kind_(kind), weight_decay_(weight_decay) {}

  // Every parameter that has a gradient; step counts from 0. The gradients are cleared.
  void apply(const std::map<std::string, torch::Tensor>& parameters, double rate, std::int64_t step);

  std::map<std::string, torch::Tensor>& memory() { return memory_; }

 private:
  torch::Tensor& remembered(const std::string& name, const torch::Tensor& like);

  Optimizer kind_;
  double weight_decay_;
  std::map<std::string, torch::Tensor> memory_;
};

// Of a step out of all: rises evenly over the warm-up, then falls as half a cosine from the highest rate to 0.
double learning_rate(const Settings& settings, std::int64_t step, std::int64_t steps);

}  // namespace northpole::train
