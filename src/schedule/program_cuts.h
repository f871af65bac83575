// Where a run is cut into segments, found from its end to its beginning: what a segment has to load is known only when
// the next one has been made.
#pragma once

#include <vector>

#include "schedule/program_segment.h"

namespace northpole::schedule {

// All segments, the boot programs' first; an even number. `stored`: words that each core's memory holds already, for
// balance. Throws NeedsPause (run_programs.h) with an empty layer.
std::vector<Segment> cut_run(const RunThreads& threads, std::vector<std::uint64_t> stored,
                             const chip::ChipDescription& chip);

}  // namespace northpole::schedule
