// Whether a program hangs together as data: every size, count, index and address inside what its chip has.
// What its instructions do is the verifier's business, not this one's.
#pragma once

#include <string>

#include "program/program.h"

namespace northpole::program {

// The longest run that a program may ask for, in cycles.
inline constexpr std::uint64_t maximum_cycles = std::uint64_t{1} << 36;

// Throws northpole::Error in one line that begins with source_name for the first thing that is not well-formed.
void check_program(const Program& program, const std::string& source_name);

}  // namespace northpole::program
