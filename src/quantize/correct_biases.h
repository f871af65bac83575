// Takes the mean error that rounding the weights makes on each output channel out of that channel's bias.
//
// Rounded weights err the same way on every picture; the mean of that error survives the averaging over inputs, pixels
// and layers that lets random rounding errors of activations fade.
#pragma once

#include "quantize/calibrate.h"
#include "quantize/emit.h"

namespace northpole::quantize {

// Runs the float network on the first 32 calibration pictures at most and lowers the bias of each Conv and Gemm in
// `decisions` by the mean, by channel, of what its rounded weights give beyond the float ones on the float network's
// values. Does not depend on the number of threads.
void correct_biases(const reference::FloatInterpreter& network, const Calibration& calibration, int threads,
                    Decisions& decisions);

}  // namespace northpole::quantize
