// Cutting an instruction in time, between any two trips of its loops: the parts together have the same events in the
// same cycles, what masks over loops say included.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "schedule/timed_instruction.h"

namespace northpole::schedule {

// Loops of the instruction, outermost first, between whose trips it may be cut: all, but for a reduction only those
// outside of its window (what a window has seen so far cannot be handed on).
std::size_t cuttable_loops(const isa::Instruction& instruction);

// An idle cycle inside or after an instruction, and the loop between whose trips it lies (outermost is 0).
struct IdleCycle {
  std::uint64_t cycle = 0;
  std::size_t loop = 0;
};
// For each loop the first idle cycle at or after `from` between two of its trips (of the trip that `from` is in), where
// there is one. `from` lies in the instruction's span.
std::vector<IdleCycle> idle_cycles(const TimedInstruction& timed, std::uint64_t from);

struct SplitInstruction {
  std::vector<TimedInstruction> before, after;  // in order of time
};
// Splits at a cycle in which the instruction has no event and which does not lie within a window.
SplitInstruction split_at(const TimedInstruction& timed, std::uint64_t cycle);

// Takes loops apart, from the outermost inwards, that leave at least `gap` idle cycles between their trips.
void append_with_gaps(const TimedInstruction& timed, std::uint64_t gap, std::vector<TimedInstruction>& result);

}  // namespace northpole::schedule
