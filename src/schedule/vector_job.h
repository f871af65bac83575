// The cycles of a layer that the vector units make alone: element-wise operations and maximum pools, row by row of every
// core's tile, as soon as a row's inputs are there. All cores of a group go in step.
#pragma once

#include "schedule/job.h"
#include "schedule/layer_constants.h"

namespace northpole::schedule {

class VectorJob {
 public:
  VectorJob(Job& job, const LayerConstants& constants, RunState& state)
      : job_(job), layer_(*job.layer), constants_(constants, job, state), state_(state) {}
  void plan();

 private:
  Cycle inputs_of_row(std::int32_t y) const;
  void plan_row(std::int32_t y, std::int32_t group);

  Job& job_;
  const lower::Layer& layer_;
  ConstantLoads constants_;
  RunState& state_;
  Cycle interval_ = 1;  // between events: no two accesses of one event's kind meet in a bank
  Cycle free_ = 1;      // after the last row
};

}  // namespace northpole::schedule
