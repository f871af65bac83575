#include "schedule/compile.h"

#include <fmt/format.h>

#include <algorithm>
#include <future>
#include <optional>

#include "network/error.h"
#include "schedule/chip_requirements.h"
#include "schedule/orchestrator.h"
#include "schedule/pauses.h"
#include "schedule/refine.h"
#include "schedule/run_programs.h"

namespace northpole::schedule {

namespace {

// One frame a group of rows, as many groups at the same time as there can be, the others in waves behind them; then
// fewer groups of more rows, in more waves, for networks that do not fit otherwise.
std::vector<Batch> batches_of(std::uint32_t frames, const chip::ChipDescription& chip) {
  if (frames == 0) throw Error("a batch has at least one frame");
  std::vector<Batch> result;
  for (std::uint32_t groups = std::min(frames, chip.rows); groups > 0; --groups) {
    const std::uint32_t group_rows = chip.rows / groups;
    if (frames % groups != 0) continue;
    // The frame buffer counts as many groups as there are rows for (program::frame_place()).
    if (frames == groups || chip.rows / group_rows == groups) result.push_back({group_rows, groups, frames / groups});
  }
  return result;
}

// The plan's program, with the pauses that the loading of programs needs; nothing when it is `limit` cycles long with
// these, as far as can be told.
std::optional<program::Program> with_pauses(const lower::LayerGraph& graph, const RefinedPlan& refined,
                                            const Batch& batch, const chip::ChipDescription& chip, const Room& room,
                                            std::uint64_t limit) {
  std::vector<Pause> pauses;
  // Each attempt finds the first place where a program cannot be loaded in time.
  const std::size_t most_pauses = 64 + 16 * graph.layers.size() * batch.waves;
  for (std::uint64_t cycles = refined.cycles; cycles < limit;) {
    try {
      return orchestrate(graph, refined.plan, batch, chip, pauses, room, nullptr);
    } catch (const NeedsPause& needed) {
      if (pauses.size() >= most_pauses)
        throw Error(fmt::format("{}: no schedule found that leaves time to load the programs of layer '{}'", graph.name,
                                needed.layer));
      insert_pause(pauses, needed);
      cycles += needed.cycles;
    }
  }
  return std::nullopt;
}

// Of the plans the one with the shortest run when its programs have the time that they need.
program::Program shortest(const lower::LayerGraph& graph, const std::vector<RefinedPlan>& plans, const Batch& batch,
                          const chip::ChipDescription& chip, const Room& room, unsigned threads) {
  constexpr std::size_t together = 2;  // whatever the threads: the others' limit comes from those before them
  std::optional<program::Program> best;
  std::optional<Error> problem;
  for (std::size_t first = 0, end = 1; first < plans.size();
       first = end, end = std::min(plans.size(), end + together)) {
    // Programs never make a run shorter.
    const std::uint64_t limit = best ? best->cycles : ~std::uint64_t{0};
    if (limit <= plans[first].cycles + 1) break;
    std::vector<std::future<std::optional<program::Program>>> running;
    for (std::size_t i = first; i < end; ++i)
      running.push_back(std::async(i == first || threads == 1 ? std::launch::deferred : std::launch::async,
                                   [&, i] { return with_pauses(graph, plans[i], batch, chip, room, limit); }));
    for (auto& one : running) {
      try {
        auto made = one.get();
        if (made && (!best || made->cycles < best->cycles)) best = std::move(made);
      } catch (const Error& error) {
        if (!problem) problem = error;
      }
    }
  }
  if (!best) throw *problem;
  return std::move(*best);
}

program::Program compiled(const lower::LayerGraph& graph, const chip::ChipDescription& chip, const Batch& batch,
                          const CompileOptions& options) {
  const std::uint32_t usual = static_weights_of(batch.groups);
  std::optional<Error> problem;
  for (const bool short_programs : {false, true}) {
    const std::vector<RefinedPlan> plans = refined_plans(graph, batch, chip, options, short_programs);
    // Where weights or programs lack room in one kind of bank there may be some in the other.
    for (const std::uint32_t static_weights : {usual, usual / 2, std::uint32_t{0}, usual + 2}) {
      try {
        return shortest(graph, plans, batch, chip, {static_weights, short_programs}, options.threads);
      } catch (const Error& error) {
        if (!problem) problem = error;
      }
    }
  }
  throw *problem;
}

}  // namespace

program::Program compile(const lower::LayerGraph& graph, const chip::ChipDescription& chip,
                         const CompileOptions& options) {
  check_requirements(chip);
  const std::vector<Batch> batches = batches_of(options.frames, chip);
  for (std::size_t i = 0;; ++i) {
    try {
      return compiled(graph, chip, batches[i], options);
    } catch (const Error&) {
      // What a frame's rows have no room for may fit into more of them. The last refusal is the one that counts.
      if (i + 1 == batches.size()) throw;
    }
  }
}

}  // namespace northpole::schedule
