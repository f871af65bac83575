#include "data/picture_transform.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "network/error.h"

namespace northpole::data {

namespace {

constexpr double crop_only_up_to = 1.15;
constexpr double share_of_crop = 0.875;

Picture scaled(const Picture& picture, double scale, const PictureTransform& transform) {
  // Rounding may not make the picture smaller than the crop that the scale was computed for.
  const auto side = [scale](int length, int least) {
    const int rounded = static_cast<int>(std::lround(length * scale));
    return length * scale > least - 0.5 ? std::max(rounded, least) : std::max(rounded, 1);
  };
  return resize(picture, side(picture.width, transform.width), side(picture.height, transform.height));
}

// Integer arithmetic, so that a grey picture keeps its samples exactly.
std::uint8_t grey(const std::uint8_t* pixel) {
  return static_cast<std::uint8_t>((299 * pixel[0] + 587 * pixel[1] + 114 * pixel[2] + 500) / 1000);
}

// The side of a square of that many pixels, or 0.
std::int64_t square_side(std::int64_t pixels) {
  const auto side = static_cast<std::int64_t>(std::llround(std::sqrt(static_cast<double>(pixels))));
  return side * side == pixels ? side : 0;
}

}  // namespace

Picture PictureTransform::geometry(const Picture& picture) const {
  if (resize == none) return crop_centre(picture, width, height);
  if (resize != automatic) {
    const double scale = static_cast<double>(resize) / std::min(picture.width, picture.height);
    return crop_centre(scaled(picture, scale, *this), width, height);
  }
  const double ratio =
      std::min(static_cast<double>(picture.width) / width, static_cast<double>(picture.height) / height);
  if (ratio >= 1 && ratio <= crop_only_up_to) return crop_centre(picture, width, height);
  const double scale = ratio < 1 ? 1 / ratio : 1 / (ratio * share_of_crop);
  return crop_centre(scaled(picture, scale, *this), width, height);
}

std::vector<float> PictureTransform::input(const Picture& picture) const {
  const Picture cropped = geometry(picture);
  const std::size_t pixels = std::size_t(width) * height;
  std::vector<float> values(pixels * channels);
  for (int channel = 0; channel < channels; ++channel) {
    float table[256];
    for (int sample = 0; sample < 256; ++sample) {
      table[sample] = (static_cast<float>(sample) / 255.0F - mean[channel]) / deviation[channel];
    }
    const int colour = blue_first ? 2 - channel : channel;
    float* plane = values.data() + pixels * channel;
    for (std::size_t pixel = 0; pixel < pixels; ++pixel) {
      const std::uint8_t* samples = cropped.samples.data() + 3 * pixel;
      plane[pixel] = table[channels == 1 ? grey(samples) : samples[colour]];
    }
  }
  return values;
}

network::Tensor PictureTransform::input(const Picture& picture, const network::Shape& shape) const {
  const std::int64_t elements = network::element_count(shape);
  if (elements != std::int64_t{channels} * height * width) {
    throw Error(fmt::format("a picture becomes {} x {} x {} values, but the network's input is {}", channels, height,
                            width, network::to_string(shape)));
  }
  return network::Tensor::of_floats(shape, input(picture));
}

PictureTransform default_transform(const network::Shape& input_shape) {
  network::Shape shape = input_shape;
  if (shape.size() == 4 && shape[0] == 1) shape.erase(shape.begin());
  if (shape.size() == 2 && shape[0] == 1) {
    if (const std::int64_t side = square_side(shape[1])) {
      shape = {1, side, side};
    } else if (shape[1] % 3 == 0 && square_side(shape[1] / 3) != 0) {
      shape = {3, square_side(shape[1] / 3), square_side(shape[1] / 3)};
    }
  }
  constexpr std::int64_t largest_side = 16384;
  const bool is_picture = shape.size() == 3 && (shape[0] == 1 || shape[0] == 3) && shape[1] >= 1 && shape[2] >= 1 &&
                          shape[1] <= largest_side && shape[2] <= largest_side;
  if (!is_picture) {
    throw Error(fmt::format("an input of shape {} cannot be made from a picture (1 x C x H x W with C of 1 or 3 can)",
                            network::to_string(input_shape)));
  }
  PictureTransform transform;
  transform.channels = static_cast<int>(shape[0]);
  transform.height = static_cast<int>(shape[1]);
  transform.width = static_cast<int>(shape[2]);
  if (transform.channels == 1) {
    transform.mean = {0, 0, 0};
    transform.deviation = {1, 1, 1};
  }
  return transform;
}

// Codes are the samples themselves; signed ones 128 less.
static PictureTransform default_of(const network::Port& port) {
  PictureTransform transform = default_transform(port.shape);
  if (!network::is_quantized_type(port.type)) return transform;
  transform.mean.fill(network::lowest_code(port.type) < 0 ? 128.0F / 255.0F : 0.0F);
  transform.deviation.fill(1.0F / 255.0F);
  return transform;
}

PictureTransform transform_of(const network::Graph& graph) {
  if (graph.inputs.empty()) throw Error(fmt::format("{}: the network has no input", graph.source));
  const network::Port& port = graph.inputs.front();
  const auto found = graph.metadata.find("northpole.picture");
  try {
    if (found == graph.metadata.end()) return default_of(port);
    const PictureTransform transform = transform_from_json(found->second);
    if (std::int64_t{transform.channels} * transform.height * transform.width != network::element_count(port.shape)) {
      throw Error(fmt::format("northpole.picture makes {} x {} x {} values", transform.channels, transform.height,
                              transform.width));
    }
    return transform;
  } catch (const Error& error) {
    throw Error(fmt::format("{}: input '{}' ({}): {}", graph.source.empty() ? "network" : graph.source, port.name,
                            network::to_string(port.shape), error.what()));
  }
}

}  // namespace northpole::data
