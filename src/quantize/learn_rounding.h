// Layer by layer, learns how to round the weights so that the rounded network gives what the float network gives.
//
// Both networks are run side by side over the calibration pictures, one node after the other for all pictures at once.
// A layer sees the inputs that it will have, with the rounding of everything before it, and is asked for the results of
// the float network, so that it also makes good what the layers before it have spoilt.
#pragma once

#include "quantize/calibrate.h"
#include "quantize/emit.h"
#include "quantize/points.h"

namespace northpole::quantize {

struct LearningOptions {
  // Both networks' values of all pictures lie in memory at a time; more pictures than fit are left out, evenly.
  std::int64_t most_bytes = std::int64_t{4} << 30;
  std::int64_t samples = 32768;  // of a layer's output positions, all pictures together
  double loyalty = 0.01;         // fit_codes.h
  int threads = 1;               // changes nothing in the result
};

// Replaces weights and biases of every Conv, Gemm and MatMul in `decisions`, whose widths and activation ranges stay as
// they are. The bias takes the mean of what the rounded layer lacks (a MatMul's cannot). Deterministic.
void learn_rounding(const network::Graph& graph, const Points& points, const Calibration& calibration,
                    const LearningOptions& options, Decisions& decisions, const Progress& progress = {});

}  // namespace northpole::quantize
