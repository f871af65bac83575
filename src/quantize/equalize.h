// Cross-layer equalisation: what one layer's channel is divided by, the next layer's weights for it are multiplied by.
//
// After "Data-Free Quantization Through Weight Equalization and Bias Correction" (Nagel et al., ICCV 2019), for weights
// that have a scale for each output channel: the first layer's weights do not care then, but its results share one
// scale, in which channels of small values get few steps. A channel is brought nearer to the others as far as the
// second layer's weights, which share a scale over the input channels, can take the difference.
#pragma once

#include "network/graph.h"
#include "quantize/calibrate.h"

namespace northpole::quantize {

// Between layers with weights that follow each other through nothing but Relu, LeakyRelu and pools, and whose results
// nobody else reads. Factors are powers of two, so that the float network gives the same answers to the bit (short of
// underflow). Ranges of the results come from the first 32 calibration pictures at most. `graph` is as prepared() gives
// it; so is the result. Does not depend on the number of threads.
network::Graph equalized(network::Graph graph, const Calibration& calibration, int threads);

}  // namespace northpole::quantize
