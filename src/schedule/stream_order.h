// In which order streams that fill one layer's inputs take their cycles: each takes the first ones that the streams
// before it leave free, so that the order decides when the last word arrives.
#pragma once

#include <cstddef>
#include <vector>

#include "schedule/cycles.h"

namespace northpole::schedule {

// A way in which a stream may go.
struct StreamNeeds {
  std::vector<Need> needs;
  Cycle floor = 1;  // first start that is possible
  Cycle tail = 0;   // from the start to the arrival of its last word in the last core
};

// The way whose last word arrives soonest, of equals the first, and its start. Ways after the first are looked at where
// the first has to wait.
struct ChosenWay {
  std::size_t way = 0;
  Cycle start = 0;
};
ChosenWay soonest_way(const std::vector<StreamNeeds>& ways);

// The order in which the last word arrives soonest, of several that are tried; the given one unless another is better.
// Takes no cycles in the end. Which are tried depends on the streams alone.
std::vector<std::size_t> order_of_streams(const std::vector<std::vector<StreamNeeds>>& streams, std::size_t trials);

}  // namespace northpole::schedule
