// Pictures as tensors, and how many of them a network knows.
#pragma once

#include <torch/types.h>

#include <cstdint>
#include <functional>
#include <vector>

#include "train/pictures.h"
#include "train/trained_network.h"

namespace northpole::train {

// Pictures of the data as one tensor, N x the network's input. Refers to the pictures.
class Batches {
 public:
  Batches(const Pictures& pictures, const network::Graph& graph) : pictures_(pictures), shape_(graph.inputs[0].shape) {}

  torch::Tensor plain(const std::vector<std::int64_t>& chosen) const;
  // Changed at random, as Settings::seed, the epoch and each picture's number have it.
  torch::Tensor augmented(const std::vector<std::int64_t>& chosen, const Settings& settings, std::int64_t epoch) const;
  torch::Tensor labels(const std::vector<std::int64_t>& chosen) const;
  std::int64_t size() const { return pictures_.size(); }

 private:
  torch::Tensor empty(std::size_t count) const;
  float* place(torch::Tensor& batch, std::size_t i) const;

  const Pictures& pictures_;
  network::Shape shape_;
};

// The share of `count` pictures, spread evenly over all, whose highest score is the label's.
double accuracy(const Batches& batches, std::int64_t count,
                const std::function<torch::Tensor(const torch::Tensor& pictures)>& scores);

// Of all pictures, by the integers that the network stands for.
double integer_accuracy(const TrainedNetwork& network, const Batches& batches);

}  // namespace northpole::train
