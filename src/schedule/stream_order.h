// In which order streams that fill one layer's inputs take their cycles: each takes the first ones that the streams
// before it leave free, so that the order decides when the last word arrives.
#pragma once

#include <cstddef>
#include <vector>

#include "schedule/cycles.h"

namespace northpole::schedule {

struct StreamNeeds {
  std::vector<Need> needs;
  Cycle floor = 1;  // first start that is possible
  Cycle tail = 0;   // from the start to the arrival of its last word in the last core
};

// The order in which the last word arrives soonest, of several that are tried; the given one unless another is better.
// Takes no cycles in the end. Which are tried depends on the streams alone.
std::vector<std::size_t> order_of_streams(const std::vector<StreamNeeds>& streams, std::size_t trials);

}  // namespace northpole::schedule
