// What a training makes small.
#pragma once

#include <torch/types.h>

#include "train/settings.h"

namespace northpole::train {

// (1 - d) * cross entropy of the labels + d * t^2 * divergence of the scores from the teacher's at temperature t, d
// being Settings::distillation: Hinton, Vinyals, Dean, "Distilling the knowledge in a neural network", 2015. Mean over
// the batch. scores, teacher: N x classes (teacher unused when d is 0); labels: N.
torch::Tensor loss_of(const torch::Tensor& scores, const torch::Tensor& labels, const torch::Tensor& teacher,
                      const Settings& settings);

// How many of the scores' highest are the label's; among equal ones the lower class counts, as elsewhere.
std::int64_t right_ones(const torch::Tensor& scores, const torch::Tensor& labels);

}  // namespace northpole::train
