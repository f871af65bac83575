// The whole run in time: layers one after another in the order of the graph, each as early as its inputs, weights and
// resources allow, so that transfers, weights and arithmetic of neighbouring layers overlap. docs/orchestration.md says
// how.
#pragma once

#include <functional>
#include <vector>

#include "lower/layer.h"
#include "map/plan.h"
#include "program/program.h"
#include "schedule/resources.h"

namespace northpole::schedule {

// Of a static bank, in sixteenths: what weights may take before they go to the tops of the data banks, so that programs
// find room. With one group every core has programs of its own, which take most of it.
constexpr std::uint32_t static_weights_of(std::uint32_t groups) { return groups == 1 ? 4 : 10; }

// What is done for room: weights' share of a static bank, in sixteenths, and whether passes of a layer may change
// places while they wait, which takes instructions.
struct Room {
  std::uint32_t static_weights = 4;
  bool in_order = false;
};

// How the frames of a batch are laid over the array: groups of rows that work side by side, and waves one after
// another.
struct Batch {
  std::uint32_t group_rows = 1, groups = 1, waves = 1;
  std::uint32_t frames() const { return groups * waves; }
};

// Throws Error when the network does not fit, saying by how much and where, and NeedsPause (run_programs.h) when its
// programs need more time; the pauses given are kept.
program::Program orchestrate(const lower::LayerGraph& graph, const map::Plan& mappings, const Batch& batch,
                             const chip::ChipDescription& chip, const std::vector<Pause>& pauses, const Room& room,
                             const std::function<void(double)>& progress);

// What a run would take, before there are programs.
struct Timing {
  std::uint64_t cycles = 0;
  // By layer: from the end of the last issue of the layers before it to that of its own.
  std::vector<std::uint64_t> took;
};
// Throws Error when the network does not fit. May be called by several threads at a time.
Timing orchestrated_timing(const lower::LayerGraph& graph, const map::Plan& mappings, const Batch& batch,
                           const chip::ChipDescription& chip, const Room& room);

}  // namespace northpole::schedule
