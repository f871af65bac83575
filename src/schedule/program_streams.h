// Finding idle cycles for the loading of the next segment's programs and parameters.
#pragma once

#include <cstdint>
#include <vector>

#include "schedule/program_segment.h"

namespace northpole::schedule {

// What is to be loaded during a segment.
struct ProgramSizes {
  std::vector<std::uint32_t> own_words;   // by core: first words of its program, which it sends to itself
  std::vector<std::uint32_t> parameters;  // by core: words of eight
  std::vector<std::uint32_t> set_words;   // by set: the rest of its cores' programs
};
ProgramSizes sizes_of(const RunThreads& threads, const Segment& segment, const chip::ChipDescription& chip);

// Puts sends and receives into `segment`, and who keeps the words into `keepers`: of each set the core for which
// `stored` (words in its memory by core) is least and which has the idle cycles; a core's own words itself, or where it
// has too few idle cycles a core nearby, or several. Links that the `next` segment uses (nullptr: none) stay free.
// Gives 0, or how many idle cycles are lacking at least; then `segment` is of no use.
std::uint32_t load_programs(const RunThreads& threads, const ProgramSizes& sizes,
                            const std::vector<std::uint64_t>& stored, const Segment* next, Segment& segment,
                            Keepers& keepers, const chip::ChipDescription& chip);

}  // namespace northpole::schedule
