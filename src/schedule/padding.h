// The padding of gathered views: words that nobody sends.
#pragma once

#include <cstdint>
#include <vector>

#include "lower/layer.h"
#include "schedule/segment_plan.h"
#include "schedule/transfer.h"

namespace northpole::schedule {

// Writes the padding of the gathered view from a constant word (by core) with the memory threads.
// Returns the first cycle after the last write.
std::uint64_t place_padding(const lower::View& view, const Gathered& gathered,
                            const std::vector<std::uint32_t>& constant, std::uint16_t constant_tag,
                            SegmentPlan& segment);
bool has_padding(const lower::View& view, const Gathered& gathered);

}  // namespace northpole::schedule
