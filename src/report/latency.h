// How long a run takes as seen from the frame buffer.
#pragma once

#include <cstdint>

#include "program/program.h"

namespace northpole::report {

// Cycles from the first word that an edge unit sends into the array to the last one that an edge unit receives, both
// counted; from the run's start or to its end where there is no such word.
std::uint64_t latency_cycles(const program::Program& program);

}  // namespace northpole::report
