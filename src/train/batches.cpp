#include "train/batches.h"

#include <ATen/Parallel.h>
#include <torch/nn/functional.h>

#include <algorithm>

#include "train/integer_network.h"
#include "train/loss.h"

namespace northpole::train {

namespace {

using torch::Tensor;
using Numbers = std::vector<std::int64_t>;

constexpr std::int64_t evaluation_batch = 100;

}  // namespace

Tensor Batches::empty(std::size_t count) const {
  network::Shape shape = shape_;
  shape[0] = static_cast<std::int64_t>(count);
  return torch::empty(shape);
}

float* Batches::place(Tensor& batch, std::size_t i) const {
  return batch.data_ptr<float>() + static_cast<std::int64_t>(i) * pictures_.features();
}

Tensor Batches::plain(const Numbers& chosen) const {
  Tensor batch = empty(chosen.size());
  for (std::size_t i = 0; i < chosen.size(); ++i) pictures_.put(chosen[i], place(batch, i));
  return batch;
}

Tensor Batches::augmented(const Numbers& chosen, const Settings& settings, std::int64_t epoch) const {
  Tensor batch = empty(chosen.size());
  at::parallel_for(0, static_cast<std::int64_t>(chosen.size()), 8, [&](std::int64_t begin, std::int64_t end) {
    for (auto i = static_cast<std::size_t>(begin); i < static_cast<std::size_t>(end); ++i) {
      Random random(settings.seed, static_cast<std::uint64_t>(epoch), static_cast<std::uint64_t>(chosen[i]));
      pictures_.put_augmented(chosen[i], settings.augmentation, random, place(batch, i));
    }
  });
  return batch;
}

Tensor Batches::labels(const Numbers& chosen) const {
  Numbers values;
  for (const std::int64_t index : chosen) values.push_back(pictures_.label(index));
  return torch::tensor(values, torch::kInt64);
}

double accuracy(const Batches& batches, std::int64_t count, const std::function<Tensor(const Tensor&)>& scores) {
  std::int64_t right = 0;
  for (std::int64_t begin = 0; begin < count; begin += evaluation_batch) {
    Numbers chosen;
    for (std::int64_t i = begin; i < std::min(begin + evaluation_batch, count); ++i) {
      chosen.push_back(i * batches.size() / count);
    }
    right += right_ones(scores(batches.plain(chosen)), batches.labels(chosen));
  }
  return static_cast<double>(right) / static_cast<double>(count);
}

double integer_accuracy(const TrainedNetwork& network, const Batches& batches) {
  const IntegerNetwork integers(network.graph(), network.points(), network.decisions());
  return accuracy(batches, batches.size(), [&](const Tensor& pictures) {
    return integers.run(pictures, network.scores_name()).reshape({pictures.size(0), network.classes()});
  });
}

}  // namespace northpole::train
