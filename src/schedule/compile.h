// The compiler: from layers to a program.
#pragma once

#include <functional>

#include "lower/layer.h"
#include "map/plan.h"
#include "program/program.h"

namespace northpole::schedule {

struct CompileOptions {
  std::uint32_t frames = 1;  // that a run processes together
  map::Objective objective = map::Objective::latency;
  // Schedules that are tried, the most: 0: by the size of the network. Fewer are quicker, and give longer schedules.
  std::uint32_t schedules = 0;
  unsigned threads = 0;  // that try them; 0: all of the machine. The program does not depend on it
  // Called with the share of layers done, 0 to 1.
  std::function<void(double)> progress;
};

// Throws Error in one line when the network does not fit, saying by how much and where. Same input, same program.
program::Program compile(const lower::LayerGraph& graph, const chip::ChipDescription& chip,
                         const CompileOptions& options = {});

}  // namespace northpole::schedule
