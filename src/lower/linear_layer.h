// Linear layers: everything that is a sum of products of activations with constants. Convolutions and matrix products,
// but also pools by average (weights 1) and changes of channel order (weights 0 and 1).
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "lower/layer.h"

namespace northpole::lower {

// One product: output channel, row and column of the window, the input's place in the view, the integer weight.
struct Product {
  std::int32_t output, row, column;
  std::int32_t position;  // as in View; -1: a channel that is all padding
  std::int32_t weight;    // -255 .. 255
};

struct LinearSpecification {
  std::string name;   // for the layer and for messages
  std::string place;  // "file: node 'x' (Conv): "
  View input;
  std::int32_t window_height = 1, window_width = 1, stride_y = 1, stride_x = 1, dilation_y = 1, dilation_x = 1;
  std::int32_t output_channels = 0;
  std::int32_t weight_bits = 8;    // the layer's are as wide, or wider where that saves passes; at most the input's
  std::vector<std::int64_t> bias;  // by output channel, in units of the accumulator; or empty
  std::vector<float> offset;       // O of docs/numerics.md, by output channel; or empty: none
  std::vector<float> multiplier;   // M of docs/numerics.md, by output channel, or one
  Quantization output;
  std::int32_t lowest = 0, highest = 0;  // output codes, narrowed by Relu or Clip
  // Calls back with every product (zero weights may be left out).
  std::function<void(const std::function<void(const Product&)>&)> products;
  // For each block of 32 outputs: the first view block that it may use and the one after the last.
  std::vector<std::pair<std::int32_t, std::int32_t>> block_range;
};

// For each block of 32 outputs the view blocks that hold the channels it reads. `channels` gives an output's first
// input channel and the one after its last; both rise with the output.
std::vector<std::pair<std::int32_t, std::int32_t>> block_ranges(
    const View& view, std::int32_t outputs,
    const std::function<std::pair<std::int64_t, std::int64_t>(std::int32_t output)>& channels);

// Output o reads input channel o.
inline std::pair<std::int64_t, std::int64_t> one_to_one(std::int32_t output) { return {output, output + 1}; }

// How many numbers of `bits` bits a weight is the sum of.
std::int32_t passes_of(std::int32_t weight, std::int32_t bits);

// Packs the weights, folds the activation's zero point into the bias and proves that no accumulator can overflow.
// Weights that do not fit (asymmetric ones, the range of an unsigned type) are split into two or three passes. Throws
// Error beginning with `place`.
Layer linear_layer(const LinearSpecification& specification);

}  // namespace northpole::lower
