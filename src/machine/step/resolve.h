// Putting parameters into an instruction's fields and checking the result, before its first event.
#pragma once

#include "chip/chip_description.h"
#include "machine/step/program_half.h"
#include "machine/step/thread_state.h"

namespace northpole::machine::step {

// Sets up the thread's state for its current instruction: fields, modes, loops and the first event's cycle. `half`
// holds the parameters; null for an edge unit. Returns false with `problem` set when the instruction cannot run.
bool resolve(const chip::ChipDescription& chip, const ProgramHalf* half, ThreadState& thread, SectionProblem& problem);

}  // namespace northpole::machine::step
