// From timed instructions to programs. Each thread's section starts at the same word of the program buffer in every
// core, so that sections are shared one by one: cores whose instructions have the same form for a thread share that
// section, and what differs between them becomes parameters.
#pragma once

#include <cstdint>
#include <vector>

#include "schedule/segment_plan.h"

namespace northpole::schedule {

// Words of the program buffer that some cores have in common: the directory, or a thread's section.
struct SharedWords {
  std::uint32_t first = 0;  // index in the program buffer
  std::vector<isa::Word> words;
  std::vector<std::uint32_t> cores;  // in rising order
};

struct SegmentPrograms {
  std::vector<SharedWords> shared;
  std::vector<std::vector<std::uint32_t>> parameters;  // by core
};

// The programs of a segment. Every thread's last instruction is `last` (switch_program or end) in cycle `end` of the
// segment. Throws Error naming the layer when they are longer than the program buffer.
SegmentPrograms programs_of(const SegmentPlan& segment, isa::Opcode last, const chip::ChipDescription& chip);

// The same for one core without sharing and without parameters: directory and sections, one after the other.
std::vector<isa::Word> private_program(const SegmentPlan& segment, std::uint32_t core, isa::Opcode last);

// Words that the segment's programs take so far, rolled up, without the loading of the next ones.
std::size_t program_length(const SegmentPlan& segment);

}  // namespace northpole::schedule
