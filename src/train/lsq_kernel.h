// The arithmetic of lsq.h over plain arrays, apart from libtorch.
#pragma once

#include <cstddef>

namespace northpole::train {

// to[i] = clamp(round(from[i] / step), lowest, highest) * step.
void quantize_values(const float* from, float* to, std::size_t size, float step, float lowest, float highest);

// Puts the gradient of each value into `to` and returns the sum of the step's gradients. At most 2^16 elements.
double quantize_gradients(const float* values, const float* incoming, float* to, std::size_t size, float step,
                          float lowest, float highest);

}  // namespace northpole::train
