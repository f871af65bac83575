// Rounding that is learned: the codes of a row of weights that give the wanted results best, rather than those nearest
// to the weights one by one.
//
// It is the problem of "Up or Down? Adaptive Rounding for Post-Training Quantization" (Nagel et al., ICML 2020), the
// mean squared error of a layer's results on the calibration pictures, which is a quadratic function of the weights.
// There it is relaxed and given to a gradient method; here the codes themselves are improved one after another, each to
// the best of all codes that the width has while the others stay, until none changes. No step ever makes the error
// larger.
#pragma once

#include <cstdint>
#include <vector>

#include "quantize/moments.h"

namespace northpole::quantize {

struct FittedRow {
  std::vector<std::int64_t> codes;
  float scale = 1;
  double error = 0;          // mean squared, up to a constant that no choice of codes changes; see below
  double nearest_error = 0;  // the same of the codes nearest to the weights, at the scale given
};

// weights: the real ones, rows x depth of the moments. scales: a row's to begin with; they are fitted, too, but stay at
// least `smallest_scales`. bits: 8, 4 or 2. loyalty: how much a deviation from the real weights counts beside the
// results, as a share of the mean variance of the inputs: pictures are few, and what they do not show shall stay as it
// was.
// error(w) = w H w - 2 w d, H = covariance of the inputs + loyalty, d = covariance with what is wanted + loyalty
// weights. One result for each row; the same with any number of threads.
std::vector<FittedRow> fit_rows(const Moments& moments, const std::vector<float>& weights,
                                const std::vector<float>& scales, const std::vector<float>& smallest_scales, int bits,
                                double loyalty, int threads);

}  // namespace northpole::quantize
