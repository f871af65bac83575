// Slightly different pictures each time, so that the network learns digits and not pixels.
#pragma once

#include <torch/torch.h>

namespace northpole::train {

// Each picture of the N x 1 x H x W batch turned by up to 12 degrees, scaled by up to 10 %, sheared by up to 0.15 and
// shifted by up to 2 pixels, each drawn evenly from libtorch's default generator. What comes in from outside is the
// value of an empty pixel.
torch::Tensor augmented(const torch::Tensor& batch, float empty);

}  // namespace northpole::train
