// How long a run takes as seen from the frame buffer.
#pragma once

#include <cstdint>

#include "program/program.h"

namespace northpole::report {

// The cycle of the first word that an edge unit sends into the array and that of the last one that an edge unit
// receives; the run's first and last cycle where there is no such word.
struct LatencySpan {
  std::uint64_t first = 0, last = 0;
};
LatencySpan latency_span(const program::Program& program);

// Cycles of that span, both ends counted.
std::uint64_t latency_cycles(const program::Program& program);

}  // namespace northpole::report
