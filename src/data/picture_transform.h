// How a picture becomes the input of a network: resize, crop, colour order, mean, deviation. Given once, to `quantize`
// or `compile`, it travels as JSON in the ONNX file's metadata ("northpole.picture") and in the program file.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "data/picture.h"
#include "network/graph.h"

namespace northpole::data {

struct PictureTransform {
  // Values of `resize` beside a positive number of pixels for the shorter side.
  static constexpr int automatic = -1;  // see geometry() below
  static constexpr int none = 0;

  int channels = 3;  // 3 colours, or 1 grey (0.299 R + 0.587 G + 0.114 B)
  int height = 224;  // of the crop, which is the network's input
  int width = 224;
  int resize = automatic;
  std::array<float, 3> mean = {0.485F, 0.456F, 0.406F};       // of samples / 255, by input channel
  std::array<float, 3> deviation = {0.229F, 0.224F, 0.225F};  // likewise; greater than 0
  bool blue_first = false;                                    // channels come as B G R

  // The crop as the network sees it, before mean and deviation. With `automatic`, let r be the smaller of
  // picture / crop over width and height: a picture with 1 <= r <= 1.15 is only cropped; a larger one is resized so that
  // the crop covers 0.875 of it, the usual ImageNet evaluation; a smaller one is resized so that it just covers the crop.
  // Throws Error when the crop does not fit into the picture.
  Picture geometry(const Picture& picture) const;

  // The network's input, channels x height x width: float32 (sample / 255 - mean) / deviation, rounded in that order.
  std::vector<float> input(const Picture& picture) const;

  // The input as a float32 tensor of a network's input shape, which must hold as many elements.
  network::Tensor input(const Picture& picture, const network::Shape& shape) const;

  bool operator==(const PictureTransform&) const = default;
};

// {"channels":3,"height":224,"width":224,"resize":"automatic"|"none"|256,"mean":[..],"deviation":[..],"order":"RGB"|"BGR"}
std::string to_json(const PictureTransform& transform);

// Keys that are missing are taken from `otherwise`; an unknown key or a value out of range throws Error naming it.
// mean and deviation take one number for all channels or one for each.
PictureTransform transform_from_json(const std::string& text, const PictureTransform& otherwise = {});

// The default for an input shape [N, C, H, W], [C, H, W] or [N, C * side * side] with C of 1 or 3: mean and deviation of
// ImageNet for colour, 0 and 1 for grey. Throws Error for a shape that cannot be a picture.
PictureTransform default_transform(const network::Shape& input_shape);

// What the network's metadata says, or the default for its first input; where that is of codes, the default gives the
// samples themselves (0 .. 255), signed ones 128 less. Throws Error when the metadata contradicts the
// input's shape.
PictureTransform transform_of(const network::Graph& graph);

}  // namespace northpole::data
