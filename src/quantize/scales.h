// One quantization for each group of points, such that every constant of docs/numerics.md is a normal number in half
// precision.
#pragma once

#include <vector>

#include "network/graph.h"
#include "quantize/histogram.h"
#include "quantize/points.h"
#include "quantize/ranges.h"
#include "reference/quantized_tensor.h"

namespace northpole::quantize {

// histograms, bits (8, 4 or 2): one for each group.
std::vector<reference::Quantization> choose_scales(const network::Graph& graph, const Points& points,
                                                   const std::vector<Histogram>& histograms,
                                                   const std::vector<int>& bits, RangeMethod method,
                                                   double kept_percent = 99.99);

}  // namespace northpole::quantize
