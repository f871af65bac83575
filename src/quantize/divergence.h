// How much a quantization blurs the distribution of a value.
#pragma once

#include <vector>

#include "quantize/histogram.h"
#include "reference/quantized_tensor.h"

namespace northpole::quantize {

// The Kullback-Leibler divergence, in nats, of what the codes still tell from what was seen, as calibration by entropy
// has it (Migacz, "8-bit Inference with TensorRT", GTC 2017). Seen: the shares of the bins within the range, where the
// outermost two also hold what lies beyond. Told: what each code received within the range, spread evenly over its bins
// that hold anything. The bin at zero is left out on both sides: zero is a code of every quantization.
// Bins ascend. 0 if nothing is left to compare.
double divergence(const std::vector<Histogram::Bin>& bins, const reference::Quantization& quantization);

}  // namespace northpole::quantize
