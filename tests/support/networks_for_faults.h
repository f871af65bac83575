// Small networks whose programs, together, use every instruction and every idiom of the compiler: inputs packed and
// not, padding copies, weights in several chunks, sums over neighbours, multicasts, several segments, windows, second
// operands, few bits, frames side by side with programs in common.
#pragma once

#include <vector>

#include "support/random_network.h"

namespace northpole::tests {

std::vector<RandomNetwork> networks_for_faults();

}  // namespace northpole::tests
