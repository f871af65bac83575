// The choice between plans by the schedules that they give: the estimates of src/map know no conflicts.
#pragma once

#include <cstdint>
#include <vector>

#include "lower/layer.h"
#include "map/plan.h"
#include "schedule/compile.h"
#include "schedule/orchestrator.h"

namespace northpole::schedule {

struct RefinedPlan {
  map::Plan plan;
  std::uint64_t cycles = 0;  // of its schedule, before there are programs
};

// Makes plans, schedules each, and learns from it what layers really took, so that the next plan is better; then
// changes the shortest one run of layers at a time to what another plan has there, as long as that shortens the
// schedule. The number of schedules goes by the size of the network (or is CompileOptions::schedules), never by the
// clock or by threads, so that the same network always gives the same plans: the shortest first, then a few that come
// close, for programs may need time that schedules know nothing of. `short_programs`: layers are not passed in
// halves, nor their passes out of order. Throws Error when no plan fits.
std::vector<RefinedPlan> refined_plans(const lower::LayerGraph& graph, const Batch& batch,
                                       const chip::ChipDescription& chip, const CompileOptions& options,
                                       bool short_programs);

}  // namespace northpole::schedule
