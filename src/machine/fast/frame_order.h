// In which order the host computes a batch. Frames do not need each other. Early layers have large tensors and few
// weights: there each frame goes through by itself, and its words stay in the cache. Late layers have many weights and
// small tensors: there all frames go through each layer together, and its weights come from memory once.
#pragma once

#include "machine/fast/data_flow.h"

namespace northpole::machine::fast {

// Puts the number of a *pass* in place of every operation's level: an operation needs only what earlier passes made.
void order_frames(DataFlow& flow);

}  // namespace northpole::machine::fast
