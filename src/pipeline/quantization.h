// What both ways to quantize a network (quantize_network.cpp, choose_bits.cpp) need.
#pragma once

#include <vector>

#include "northpole/quantize.h"
#include "quantize/quantize.h"

namespace northpole {

// The pictures to calibrate with, by number: options.limit of them, evenly over the data, which may be in the order of
// its classes.
std::vector<std::int64_t> calibration_pictures(const data::Dataset& pictures, std::int64_t limit);

// Throws Error for a network of several inputs. Refers to `pictures`.
quantize::Calibration calibration_of(const network::Graph& graph, const data::Dataset& pictures, std::int64_t limit);

quantize::Options quantization_of(const QuantizeOptions& options);

// The data's names of classes, if the network has none and their number fits.
void take_class_names(network::Graph& graph, const data::Dataset& pictures);

}  // namespace northpole
