// The vector function and the constants by lane of a layer, in the memories of the cores that need them, and their way
// into the vector unit's registers. Registers 0 and 1 hold the function; the rest as many output blocks as fit.
#pragma once

#include "schedule/layer_placement.h"

namespace northpole::schedule {

class LaneConstants {
 public:
  LaneConstants(const LayerPlacement& placement, MemoryPlan& memory, const chip::ChipDescription& chip);

  // Output blocks that fit into the registers at once (large when the layer has no constants by lane).
  std::int32_t capacity() const { return capacity_; }
  // Loads the function (at a segment's begin) and blocks [first, first + capacity) of the core's part. Returns the
  // first cycle in which the thread is free again.
  std::uint64_t load(SegmentPlan& segment, std::uint32_t core, std::uint64_t not_before, std::int32_t first,
                     bool with_function) const;
  // Operand c for a block when blocks from `first` on are loaded.
  std::uint16_t operand(std::int32_t block, std::int32_t first) const {
    return static_cast<std::uint16_t>(2 + (block - first) * lane_words_);
  }

 private:
  const LayerPlacement& placement_;
  std::int32_t lane_words_, capacity_;
  std::vector<std::uint32_t> address_;  // by core
};

}  // namespace northpole::schedule
