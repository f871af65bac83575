#include "train/pictures.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numbers>
#include <numeric>

#include "network/error.h"

namespace northpole::train {

namespace {

constexpr std::int64_t most_kept = std::int64_t{1} << 30;  // floats

// A plane of height x width pixels.
struct Plane {
  const float* from;
  std::int64_t height, width;
  float empty;

  float at(std::int64_t y, std::int64_t x) const {
    return y < 0 || x < 0 || y >= height || x >= width ? empty : from[y * width + x];
  }
  float between(double y, double x) const {
    const double top = std::floor(y), left = std::floor(x);
    const auto down = static_cast<float>(y - top), right = static_cast<float>(x - left);
    const auto row = static_cast<std::int64_t>(top), column = static_cast<std::int64_t>(left);
    const float above = at(row, column) * (1 - right) + at(row, column + 1) * right;
    const float below = at(row + 1, column) * (1 - right) + at(row + 1, column + 1) * right;
    return above * (1 - down) + below * down;
  }
};

}  // namespace

Pictures::Pictures(const std::string& data, const network::Graph& graph, std::int64_t classes, std::int64_t limit)
    : dataset_(data::open_dataset(data)), source_(data), transform_(data::transform_of(graph)) {
  const std::int64_t all = dataset_->size();
  if (all == 0) throw Error(data + ": there are no pictures in it");
  count_ = limit > 0 ? std::min(limit, all) : all;
  channels_ = transform_.channels;
  height_ = transform_.height;
  width_ = transform_.width;
  for (std::int64_t index = 0; index < count_; ++index) {
    labels_.push_back(dataset_->label(index * all / count_));
    if (labels_.back() < classes) continue;
    throw Error(fmt::format("{}: class {} of picture {} does not exist: the network tells {} classes apart (0 to {})",
                            data, labels_.back(), dataset_->picture_name(index * all / count_), classes, classes - 1));
  }
  const std::vector<float> black =
      transform_.input(data::Picture::blank(static_cast<int>(width_), static_cast<int>(height_)));
  for (std::int64_t channel = 0; channel < channels_; ++channel) {
    empty_.push_back(black[static_cast<std::size_t>(channel * height_ * width_)]);
  }
  if (count_ * features() > most_kept) return;
  std::vector<float> inputs(static_cast<std::size_t>(count_ * features()));
  for (std::int64_t index = 0; index < count_; ++index) read(index, inputs.data() + index * features());
  inputs_ = std::move(inputs);
}

void Pictures::read(std::int64_t index, float* to) const {
  const std::vector<float> input = transform_.input(dataset_->picture(index * dataset_->size() / count_));
  std::copy(input.begin(), input.end(), to);
}

void Pictures::put(std::int64_t index, float* to) const {
  if (inputs_.empty()) return read(index, to);
  std::copy_n(inputs_.data() + index * features(), features(), to);
}

void Pictures::put_augmented(std::int64_t index, const Augmentation& augmentation, Random& random, float* to) const {
  if (augmentation == Augmentation{}) return put(index, to);
  std::vector<float> original(static_cast<std::size_t>(features()));
  put(index, original.data());
  const bool mirrored = augmentation.mirror && random.below(2) == 1;
  const auto reach = static_cast<std::uint64_t>(2 * augmentation.shift + 1);
  const auto down = static_cast<std::int64_t>(random.below(reach)) - augmentation.shift;
  const auto right = static_cast<std::int64_t>(random.below(reach)) - augmentation.shift;
  const double angle = random.within(augmentation.turn) * std::numbers::pi / 180;
  const double scale_y = 1 + random.within(augmentation.turn / 100),
               scale_x = 1 + random.within(augmentation.turn / 100);
  const double centre_y = static_cast<double>(height_ - 1) / 2, centre_x = static_cast<double>(width_ - 1) / 2;
  for (std::int64_t channel = 0; channel < channels_; ++channel) {
    const Plane plane{original.data() + channel * height_ * width_, height_, width_,
                      empty_[static_cast<std::size_t>(channel)]};
    for (std::int64_t y = 0; y < height_; ++y) {
      for (std::int64_t x = 0; x < width_; ++x) {
        const std::int64_t column = (mirrored ? width_ - 1 - x : x) - right, row = y - down;
        if (augmentation.turn == 0) {
          *to++ = plane.at(row, column);
          continue;
        }
        const double v = static_cast<double>(row) - centre_y, u = static_cast<double>(column) - centre_x;
        *to++ = plane.between(centre_y + scale_y * (v * std::cos(angle) - u * std::sin(angle)),
                              centre_x + scale_x * (u * std::cos(angle) + v * std::sin(angle)));
      }
    }
  }
}

std::vector<std::int64_t> shuffled(std::int64_t size, std::uint64_t seed, std::int64_t epoch) {
  std::vector<std::int64_t> order(static_cast<std::size_t>(size));
  std::iota(order.begin(), order.end(), std::int64_t{0});
  Random random(seed, static_cast<std::uint64_t>(epoch), ~std::uint64_t{0});
  for (std::size_t last = order.size(); last > 1; --last) std::swap(order[last - 1], order[random.below(last)]);
  return order;
}

}  // namespace northpole::train
