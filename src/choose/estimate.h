// What the compiler's search expects of a quantized network, without making the schedule.
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "chip/chip_description.h"
#include "network/graph.h"

namespace northpole::choose {

struct Estimate {
  std::uint64_t cycles = 0;                     // of a frame, from the first input word to the last output word
  std::map<std::string, std::uint64_t> layers;  // by node name; a node that another one does as well has none
};

// Of one frame on the whole array, by map::plan_mappings(). graph: quantized and prepared. Throws Error as compiling
// does.
Estimate estimated_cycles(const network::Graph& graph, const chip::ChipDescription& chip);

}  // namespace northpole::choose
