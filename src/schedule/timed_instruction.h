// Instructions with the cycle of their first event, and the rolling of repeated ones into loops.
#pragma once

#include <cstdint>
#include <vector>

#include "isa/instruction.h"

namespace northpole::schedule {

struct TimedInstruction {
  std::uint64_t start = 0;  // cycle of the first event, counted from the segment's switch
  isa::Instruction instruction;
  std::uint64_t last() const;  // cycle of the last event
};

// Cycles from the first to the last event.
std::uint64_t span(const isa::Instruction& instruction);

// Drops loops of one trip and joins loops that are one longer loop. Masks over loops follow; a loop that a mask
// names is kept apart from loops that it does not name.
void simplify(isa::Instruction& instruction);

// Joins runs of instructions that differ by constant steps in time and operands into one instruction with a loop
// around, again and again until nothing joins. Events and their cycles stay exactly the same.
std::vector<TimedInstruction> rolled(std::vector<TimedInstruction> instructions);

// First cycle at or after `from` with `length` idle cycles in a row between instructions that are in order of time.
std::uint64_t first_idle(const std::vector<TimedInstruction>& instructions, std::uint64_t from, std::uint64_t length);
// Puts an instruction into its place in the order of time.
void insert_in_time(std::vector<TimedInstruction>& instructions, TimedInstruction timed);

// Words in the program buffer.
std::size_t words_of(const std::vector<TimedInstruction>& instructions);

}  // namespace northpole::schedule
