// The cycles of a linear layer: weight blocks arrive in chunks while the VMM passes every position of the core's tile
// under the chunk before; partial sums of input parts are added from east to west; the vector unit follows the last
// pass.
#pragma once

#include "schedule/lane_constants.h"
#include "schedule/layer_placement.h"
#include "schedule/weight_store.h"

namespace northpole::schedule {

class LinearCompute : public LayerCompute {
 public:
  LinearCompute(const LayerPlacement& placement, MemoryPlan& memory, const chip::ChipDescription& chip);
  std::size_t units() const override { return units_.size(); }
  void plan(SegmentPlan& segment, std::uint64_t not_before, std::size_t first, std::size_t last) override;

 private:
  // Rows [row_first, row_last) of every tile, and chunks that together finish some output blocks.
  struct Unit {
    std::int32_t row_first = 0, row_last = 0;
    std::size_t chunk_first = 0, chunk_last = 0;
  };
  // Weight blocks of a pass: one for each product, or one for all that is used up with this pass, or is still needed
  // after it.
  enum class BlockUse { one_each, one_for_all, one_kept };
  // Products whose operands form one loop nest: `pass` has the nest as its loops, operands relative to the first
  // product.
  struct Pass {
    isa::Instruction nest;
    std::uint64_t length = 0;
    BlockUse blocks = BlockUse::one_each;
  };
  struct State;
  std::vector<Pass> passes(const Chunk& chunk) const;
  void multiply(SegmentPlan& segment, State& state, const Unit& unit, const Pass& pass, std::int32_t block,
                std::uint32_t ring, bool initialize) const;
  void finish(SegmentPlan& segment, State& state, const Unit& unit, std::int32_t block, std::uint64_t length) const;

  const LayerPlacement& placement_;
  const chip::ChipDescription& chip_;
  WeightStore weights_;
  LaneConstants constants_;
  std::vector<Unit> units_;
};

}  // namespace northpole::schedule
