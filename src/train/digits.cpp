#include "train/digits.h"

#include <fmt/format.h>

#include <algorithm>

#include "data/dataset.h"
#include "network/error.h"

namespace northpole::train {

data::PictureTransform digit_transform() {
  data::PictureTransform transform = data::default_transform({1, 1, 28, 28});
  transform.mean.fill(0.1307F);
  transform.deviation.fill(0.3081F);
  return transform;
}

Digits read_digits(const std::string& argument) {
  const std::unique_ptr<data::Dataset> dataset = data::open_dataset(argument);
  const data::PictureTransform transform = digit_transform();
  Digits digits;
  digits.inputs = torch::empty({dataset->size(), 1, transform.height, transform.width});
  digits.labels = torch::empty({dataset->size()}, torch::kInt64);
  auto* inputs = digits.inputs.data_ptr<float>();
  auto* labels = digits.labels.data_ptr<std::int64_t>();
  for (std::int64_t index = 0; index < dataset->size(); ++index) {
    labels[index] = dataset->label(index);
    if (labels[index] > 9) {
      throw Error(fmt::format("{}: class {} is no digit", dataset->picture_name(index), labels[index]));
    }
    const std::vector<float> input = transform.input(dataset->picture(index));
    inputs = std::copy(input.begin(), input.end(), inputs);
  }
  return digits;
}

}  // namespace northpole::train
