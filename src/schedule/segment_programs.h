// From timed instructions to programs: cores whose instructions have the same form share one program, and what differs
// between them becomes parameters.
#pragma once

#include <cstdint>
#include <vector>

#include "schedule/segment_plan.h"

namespace northpole::schedule {

struct SharedProgram {
  std::vector<isa::Word> words;      // directory and sections
  std::vector<std::uint32_t> cores;  // in rising order
};

struct SegmentPrograms {
  std::vector<SharedProgram> programs;
  std::vector<std::vector<std::uint32_t>> parameters;  // by core
};

// The programs of a segment. Every thread's last instruction is `last` (switch_program or end) in cycle `end` of the
// segment. Without `share`, each core has a program of its own and no parameters. Throws Error naming the layer when a
// program is longer than the program buffer.
SegmentPrograms programs_of(const SegmentPlan& segment, isa::Opcode last, const chip::ChipDescription& chip,
                            bool share);

// Words that the longest program of the segment takes so far, rolled up, without the loading of the next one.
std::size_t longest_program(const SegmentPlan& segment);

}  // namespace northpole::schedule
