// Pictures with their classes as libtorch tensors.
#pragma once

#include <torch/torch.h>

#include <string>

#include "data/picture_transform.h"

namespace northpole::train {

struct Digits {
  torch::Tensor inputs;  // N x 1 x 28 x 28 float32, as the transform makes them
  torch::Tensor labels;  // N int64, 0 to 9

  std::int64_t size() const { return labels.size(0); }
};

// What every digit goes through, in training and later: grey, the mean and deviation of MNIST's training pictures.
data::PictureTransform digit_transform();

// Reads any data set that data::open_dataset() takes, of ten classes. Throws Error.
Digits read_digits(const std::string& argument);

}  // namespace northpole::train
