// A plan cut into pieces that threads can take: what is in one *wave* may be done in any order and at the same time;
// each wave needs the ones before it.
#pragma once

#include <cstdint>
#include <vector>

#include "machine/fast/plan.h"

namespace northpole::machine::fast {

struct WorkItem {
  StepKind kind;
  std::uint32_t index;                      // Plan::products, words or conversions
  std::uint32_t first, last;                // tiles, or rows of words or conversions
  std::uint32_t first_column, last_column;  // of a product
};
using Wave = std::vector<WorkItem>;

// All of a step.
WorkItem whole(const Plan& plan, const Plan::Step& step);

// `threads`: how many will take them; one gets each step as one item.
std::vector<Wave> cut(const Plan& plan, std::uint32_t threads);

}  // namespace northpole::machine::fast
