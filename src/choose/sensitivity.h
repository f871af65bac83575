// How much each layer's rounding alone changes what the network answers.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "quantize/quantizer.h"

namespace northpole::choose {

// Layers with weights that read the same value, or values of one quantization, and so change their width together.
struct Unit {
  std::vector<std::string> layers;  // node names
  std::size_t group = 0;            // of quantize::Points: their input's
  bool outer = false;               // one of them is a first or last layer
};
std::vector<Unit> units_of(const network::Graph& graph, const quantize::Points& points);

// For each unit and width: the mean squared change of the network's answers, as a share of their variance, when the
// unit's weights and input alone are rounded (to the nearest) and all else is float. Answers are the values that leave
// the network or go to the host's operators (Softmax, ArgMax). On at most so many calibration pictures, evenly spread.
// Does not depend on the number of threads.
using Sensitivities = std::vector<std::map<int, double>>;  // by unit, by width
Sensitivities measure_sensitivities(const quantize::Quantizer& quantizer, const std::vector<Unit>& units,
                                    const std::vector<int>& widths, std::int64_t most_pictures, int threads,
                                    const quantize::Progress& progress = {});

}  // namespace northpole::choose
