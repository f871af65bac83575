#include "schedule/compile.h"

#include <fmt/format.h>

#include <algorithm>

#include "network/error.h"
#include "schedule/chip_requirements.h"
#include "schedule/orchestrator.h"
#include "schedule/refine.h"
#include "schedule/run_programs.h"

namespace northpole::schedule {

namespace {

// One frame a group of rows, all groups at the same time; more frames than rows go in waves.
Batch batch_of(std::uint32_t frames, const chip::ChipDescription& chip) {
  if (frames == 0) throw Error("a batch has at least one frame");
  if (frames <= chip.rows) return {chip.rows / frames, frames, 1};
  if (frames % chip.rows != 0)
    throw Error(fmt::format("a batch of {} frames: more frames than the {} rows of the array must be a multiple of them",
                            frames, chip.rows));
  return {1, chip.rows, frames / chip.rows};
}

// A pause more. Those that come later move with what they precede.
void insert(std::vector<Pause>& pauses, const NeedsPause& needed) {
  for (Pause& pause : pauses)
    if (pause.cycle >= needed.cycle) pause.cycle += needed.cycles;
  pauses.push_back({needed.cycle, needed.cycles});
}

}  // namespace

program::Program compile(const lower::LayerGraph& graph, const chip::ChipDescription& chip,
                         const CompileOptions& options) {
  check_requirements(chip);
  const Batch batch = batch_of(options.frames, chip);
  const map::Plan mappings = refined_plan(graph, batch, chip, options.objective, options.progress);
  std::vector<Pause> pauses;
  // Each attempt finds the first place where a program cannot be loaded in time.
  const std::size_t most_pauses = 64 + 16 * graph.layers.size();
  for (;;) {
    try {
      return orchestrate(graph, mappings, batch, chip, pauses, nullptr);
    } catch (const NeedsPause& needed) {
      if (pauses.size() >= most_pauses)
        throw Error(fmt::format("{}: no schedule found that leaves time to load the programs of layer '{}'", graph.name,
                                needed.layer));
      insert(pauses, needed);
    }
  }
}

}  // namespace northpole::schedule
