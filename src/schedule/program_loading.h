// Bringing a segment's programs and parameters to the cores during the segment before.
#pragma once

#include "schedule/memory_plan.h"
#include "schedule/segment_plan.h"
#include "schedule/segment_programs.h"

namespace northpole::schedule {

// Stores the programs (once each) and parameters in memory, and appends their sending and receiving to `during`.
void load_programs(const SegmentPrograms& programs, SegmentPlan& during, MemoryPlan& memory, std::uint16_t program_tag,
                   std::uint16_t parameter_tag, const chip::ChipDescription& chip);

// The boot programs, which each core keeps for itself: room for `boot_words` words of each before their contents are
// known (gives the address by core) ...
std::vector<std::uint32_t> reserve_boot(MemoryPlan& memory, std::uint16_t program_tag, std::uint32_t boot_words,
                                        const chip::ChipDescription& chip);
// ... and their loading at the end of a run.
void load_boot(const std::vector<std::uint32_t>& address, std::uint32_t boot_words, SegmentPlan& during,
               std::uint16_t program_tag, const chip::ChipDescription& chip);

}  // namespace northpole::schedule
