// From segments one after another to absolute cycles: a segment's cycle 0 is the switch into it.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "program/program.h"
#include "schedule/segment_plan.h"

namespace northpole::schedule {

// Fills the program's edges (which know only one time, the run's), its segments and its length. Gives the last cycle of
// each segment.
std::vector<std::uint64_t> place_in_time(const std::vector<std::unique_ptr<SegmentPlan>>& segments,
                                         const chip::ChipDescription& chip, program::Program& program);

}  // namespace northpole::schedule
