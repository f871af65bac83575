// One quantization for each group of points, such that every constant of docs/numerics.md is a normal number in half precision.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "network/graph.h"
#include "quantize/histogram.h"
#include "quantize/points.h"
#include "quantize/ranges.h"
#include "reference/quantized_tensor.h"

namespace northpole::quantize {

// histograms: of the sources of every group.
std::vector<reference::Quantization> choose_scales(const network::Graph& graph, const Points& points,
                                                   const std::map<std::string, Histogram>& histograms, RangeMethod method);

}  // namespace northpole::quantize
