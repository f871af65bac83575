// The choice between plans by the schedules that they give: the estimates of src/map know no conflicts.
#pragma once

#include <functional>
#include <vector>

#include "lower/layer.h"
#include "map/plan.h"
#include "schedule/orchestrator.h"

namespace northpole::schedule {

// Makes plans at several prices of transfers, schedules each, and then changes the shortest one run of layers at a time to
// what another plan has there, as long as that shortens the schedule. A fixed number of schedules is made, by the size of
// the network, so that the same network always gives the same plan. Throws Error when no plan fits.
map::Plan refined_plan(const lower::LayerGraph& graph, const Batch& batch, const chip::ChipDescription& chip,
                       map::Objective objective, const std::function<void(double)>& progress);

}  // namespace northpole::schedule
