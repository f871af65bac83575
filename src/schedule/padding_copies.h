// Padding of gathered views: positions outside the tensor that a window reads hold the padding code. The memory thread
// copies it there from a word that stays.
#pragma once

#include <cstdint>
#include <map>
#include <vector>

#include "lower/layer.h"
#include "schedule/holding.h"
#include "schedule/memory_plan.h"
#include "schedule/resources.h"
#include "schedule/run_plan.h"

namespace northpole::schedule {

class PaddingWords {
 public:
  // Puts a word of every padding code that the graph's views need into every core.
  PaddingWords(const lower::LayerGraph& graph, std::uint16_t tag, const chip::ChipDescription& chip, MemoryPlan& memory);

  // Fills the padding of the holding in every group. Returns the first cycle of it, 0 when there is none.
  Cycle fill(const lower::View& view, Holding& to, Resources& resources, RunPlan& plan) const;

 private:
  std::uint16_t tag_;
  std::map<std::vector<std::uint8_t>, std::vector<std::uint32_t>> addresses_;  // by the word's bytes; by core
};

}  // namespace northpole::schedule
