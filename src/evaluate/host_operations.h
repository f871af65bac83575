// The host's arithmetic on a frame, as the program file lists it (program::HostOperation).
#pragma once

#include <vector>

#include "network/tensor.h"
#include "program/program.h"

namespace northpole::evaluate {

// Mul, Add, Clip and MatMul in float32, one rounding an operation (a MatMul sums in order), on float32 values; Softmax
// as the reference has it. An ArgMax leaves the values as they are: its answer is the place of the largest. Throws
// Error for constants that do not fit the values' shape.
void apply(const program::HostOperation& operation, network::Tensor& values);

}  // namespace northpole::evaluate
