#include "train/loss.h"

#include <torch/nn/functional.h>

#include <algorithm>

namespace northpole::train {

using torch::Tensor;

Tensor loss_of(const Tensor& scores, const Tensor& labels, const Tensor& teacher, const Settings& settings) {
  const double share = settings.distillation, t = settings.temperature;
  Tensor loss;
  if (share < 1) {
    loss = torch::cross_entropy_loss(scores, labels, {}, at::Reduction::Mean, -100, settings.label_smoothing) *
           (1 - share);
  }
  if (share > 0) {
    const Tensor wanted = torch::softmax(teacher / t, 1), given = torch::log_softmax(scores / t, 1);
    // The part that does not depend on the scores makes it 0 where the two agree.
    const Tensor divergence = torch::xlogy(wanted, wanted).sum(1) - (wanted * given).sum(1);
    const Tensor part = divergence.mean() * (t * t * share);
    loss = loss.defined() ? loss + part : part;
  }
  return loss;
}

std::int64_t right_ones(const Tensor& scores, const Tensor& labels) {
  const Tensor values = scores.detach().contiguous();
  std::int64_t right = 0;
  for (std::int64_t i = 0; i < values.size(0); ++i) {
    const float* row = values.data_ptr<float>() + i * values.size(1);
    right += std::max_element(row, row + values.size(1)) - row == labels.data_ptr<std::int64_t>()[i] ? 1 : 0;
  }
  return right;
}

}  // namespace northpole::train
