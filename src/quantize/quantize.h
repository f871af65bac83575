// Post-training quantization: a float network and some pictures become a quantized (QDQ) network of 8, 4 or 2 bits, the
// hand-over form of docs/numerics.md.
#pragma once

#include <optional>

#include "network/graph.h"
#include "quantize/bits.h"
#include "quantize/calibrate.h"
#include "quantize/ranges.h"

namespace northpole::quantize {

struct Options {
  BitChoice bits;
  RangeMethod activations = RangeMethod::mean_squared_error;
  double kept_percent = 99.99;  // of an activation's values on each side, for RangeMethod::percentile
  bool equalize = false;        // balance the channels of layers that follow each other first (equalize.h)
  bool correct_biases = true;   // take the mean error that rounding the weights makes out of the biases
  // Learns the rounding of the weights on the pictures (learn_rounding.h); corrects the biases, too.
  // Nothing: where any layer's weights have fewer than 8 bits.
  std::optional<bool> learn_rounding = false;
  int threads = 1;
};

// Widths are those of plan_bits(). Weights: symmetric with a scale for each output channel. Activations: one scale a
// tensor; unsigned with zero point 0 where the value can never be negative, else signed. Biases: int32 of scale f32(sx
// sw). Every operator that computes has a QuantizeLinear and a DequantizeLinear behind it (behind the Relu or Clip that
// follows it, if any); operators that only move elements keep their input's quantization; Softmax and ArgMax at the end
// stay float. Names of inputs and outputs, and the metadata, are kept.
//
// graph: as prepared() gives it, float. The result is prepared, too, of opset 13 or later, and depends on nothing but
// the arguments (threads excepted, which change nothing). Throws Error naming the node for weights that are not finite,
// for a network that is quantized already, and for what the reference interpreter does not know.
network::Graph quantize(const network::Graph& graph, const Calibration& calibration, const Options& options = {},
                        const Progress& progress = {});

}  // namespace northpole::quantize
