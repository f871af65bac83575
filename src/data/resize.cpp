// Antialiased bilinear resizing, one axis after the other: every result is a weighted mean of the samples under a
// triangle whose half width is one sample of the coarser of the two grids.
#include <algorithm>
#include <cmath>

#include "data/picture.h"
#include "network/error.h"

namespace northpole::data {

namespace {

struct Taps {
  int first = 0;                // the first source sample that counts
  std::vector<double> weights;  // of the samples from there on; their sum is 1
};

std::vector<Taps> taps_along_axis(int source, int target) {
  const double scale = static_cast<double>(source) / target;
  const double reach = std::max(scale, 1.0);
  std::vector<Taps> axis(static_cast<std::size_t>(target));
  for (int position = 0; position < target; ++position) {
    const double centre = (position + 0.5) * scale;
    const int first = std::max(0, static_cast<int>(std::floor(centre - reach)));
    const int last = std::min(source - 1, static_cast<int>(std::ceil(centre + reach)));
    Taps& taps = axis[static_cast<std::size_t>(position)];
    taps.first = first;
    double total = 0;
    for (int sample = first; sample <= last; ++sample) {
      const double weight = std::max(0.0, 1.0 - std::abs(sample + 0.5 - centre) / reach);
      taps.weights.push_back(weight);
      total += weight;
    }
    for (double& weight : taps.weights) weight /= total;
  }
  return axis;
}

}  // namespace

Picture resize(const Picture& picture, int width, int height) {
  if (width < 1 || height < 1) throw Error("a picture cannot be resized to nothing");
  if (width == picture.width && height == picture.height) return picture;
  const std::vector<Taps> across = taps_along_axis(picture.width, width);
  const std::vector<Taps> down = taps_along_axis(picture.height, height);
  std::vector<float> rows(std::size_t(picture.height) * width * 3);  // resized across only
  for (int y = 0; y < picture.height; ++y) {
    for (int x = 0; x < width; ++x) {
      const Taps& taps = across[static_cast<std::size_t>(x)];
      for (int colour = 0; colour < 3; ++colour) {
        double sum = 0;
        const std::uint8_t* sample = picture.pixel(taps.first, y) + colour;
        for (const double weight : taps.weights) {
          sum += weight * *sample;
          sample += 3;
        }
        rows[3 * (std::size_t(y) * width + x) + colour] = static_cast<float>(sum);
      }
    }
  }
  Picture resized = Picture::blank(width, height);
  const std::size_t row = 3 * std::size_t(width);
  for (int y = 0; y < height; ++y) {
    const Taps& taps = down[static_cast<std::size_t>(y)];
    for (std::size_t column = 0; column < row; ++column) {
      double sum = 0;
      const float* sample = rows.data() + row * taps.first + column;
      for (const double weight : taps.weights) {
        sum += weight * *sample;
        sample += row;
      }
      resized.samples[row * y + column] = static_cast<std::uint8_t>(std::clamp(sum + 0.5, 0.0, 255.0));
    }
  }
  return resized;
}

}  // namespace northpole::data
