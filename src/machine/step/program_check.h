// The program as a whole, before its first cycle: does it fit the chip? docs/instruction-set.md, "The program as a
// whole".
#pragma once

#include <optional>

#include "machine/fault.h"
#include "program/program.h"

namespace northpole::machine::step {

std::optional<Fault> program_fault(const program::Program& program);

}  // namespace northpole::machine::step
