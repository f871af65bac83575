// The program as data, before its first cycle: boot programs and edge units for the whole array, everything inside the
// memories. Reported as faults of cycle 0.
#pragma once

#include "program/program.h"
#include "verify/reporter.h"

namespace northpole::verify {

inline constexpr std::uint64_t longest_run = std::uint64_t{1} << 36;

void check_whole(const program::Program& program, Reporter& reporter);

}  // namespace northpole::verify
