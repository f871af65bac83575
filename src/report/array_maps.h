// Where on the array a layer's work is done: by core, and by link of each network.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "report/instruction_layers.h"
#include "report/run_instructions.h"
#include "report/traffic.h"

namespace northpole::report {

struct ArrayMaps {
  // By name of InstructionLayers::names(), then core: cycles in which the unit issues.
  std::vector<std::vector<std::uint64_t>> vmm, vector;
  // By network, name, then link (Routes says how they are numbered): cycles in which it carries a word; of the model
  // network words, one for each lane.
  std::array<std::vector<std::vector<std::uint64_t>>, network_names.size()> links;
};

ArrayMaps array_maps(const RunInstructions& run, const InstructionLayers& layers);

}  // namespace northpole::report
