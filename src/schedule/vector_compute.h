// The cycles of a layer of the vector unit alone: element by element, or the largest of a window.
#pragma once

#include "schedule/lane_constants.h"
#include "schedule/layer_placement.h"

namespace northpole::schedule {

class VectorCompute : public LayerCompute {
 public:
  VectorCompute(const LayerPlacement& placement, MemoryPlan& memory, const chip::ChipDescription& chip);
  std::size_t units() const override;
  void plan(SegmentPlan& segment, std::uint64_t not_before, std::size_t first, std::size_t last) override;

 private:
  const LayerPlacement& placement_;
  const chip::ChipDescription& chip_;
  LaneConstants constants_;
  std::uint32_t interval_ = 1;  // cycles between events, so that their accesses meet in no bank
};

}  // namespace northpole::schedule
