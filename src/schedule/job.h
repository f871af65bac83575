// One layer for one wave of frames: what has been decided before its cycles, and what the jobs of a run share.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "lower/layer.h"
#include "map/cost.h"
#include "map/mapping.h"
#include "program/program.h"
#include "schedule/constant_registers.h"
#include "schedule/holding.h"
#include "schedule/resources.h"
#include "schedule/run_plan.h"

namespace northpole::schedule {

// Words of the weight buffer, a ring: blocks follow each other through the whole run.
struct WeightRing {
  std::uint32_t next = 0;
  std::vector<Cycle> free_from;  // by word
  explicit WeightRing(const chip::ChipDescription& chip) : free_from(chip.weight_blocks * chip::block_words, 0) {}
  std::uint32_t size() const { return static_cast<std::uint32_t>(free_from.size()); }
  // The next `words` words, aligned to their number; blocks never wrap around.
  std::uint32_t take(std::uint32_t words) {
    next = (next + words - 1) / words * words % size();
    const std::uint32_t result = next;
    next = (next + words) % size();
    return result;
  }
  Cycle empty_from(std::uint32_t first, std::uint32_t words) const;
  void release(std::uint32_t first, std::uint32_t words, Cycle cycle);
};

// The partial-sum buffer, a ring as well.
struct PartialSums {
  std::uint32_t next = 0;
  std::vector<Cycle> free_from;
  explicit PartialSums(const chip::ChipDescription& chip) : free_from(chip.partial_sums, 0) {}
  std::uint32_t take(std::uint32_t count) {
    const std::uint32_t result = next;
    next = (next + count) % static_cast<std::uint32_t>(free_from.size());
    return result;
  }
};

// What jobs have in common: the machine's state as far as the run has been planned.
struct RunState {
  const chip::ChipDescription& chip;
  Resources& resources;
  RunPlan& plan;
  WeightRing ring;
  PartialSums sums;
  ConstantRegisters constants;
  Cycle vmm_since = 1;    // the VMM has not been idle
  Cycle vmm_free = 1;     // after the last pass so far
  bool in_order = false;  // passes of a layer never change places: fewer instructions
  RunState(const chip::ChipDescription& chip, Resources& resources, RunPlan& plan)
      : chip(chip), resources(resources), plan(plan), ring(chip), sums(chip), constants(chip) {}
};

struct Job {
  const lower::Layer* layer = nullptr;
  const lower::StoredTensor* output_tensor = nullptr;
  map::Mapping mapping;
  std::vector<map::CorePart> parts;  // by core of the group
  std::vector<Holding*> inputs;      // by input: gathered, or where they lie
  // The last rows of each core are wanted before those just above them: a pooling waits for them in two cores.
  bool last_rows_early = false;
  Holding* output = nullptr;         // regions of the owners (input part 0)
  program::LayerCycles cycles;       // filled as it is planned
  void begins(Cycle cycle) {
    if (cycles.first_cycle == 0 || cycle < cycles.first_cycle) cycles.first_cycle = cycle;
  }
  void ends(Cycle cycle) { cycles.last_cycle = std::max(cycles.last_cycle, cycle); }
  void issues(Cycle first, Cycle last) {
    if (cycles.first_issue == 0) cycles.first_issue = first;
    cycles.last_issue = std::max(cycles.last_issue, last);
  }
};

// A loop with strides of the operands a, b, c, d.
isa::Loop loop_of(std::int64_t count, std::int64_t interval, std::array<std::int64_t, 4> stride);

}  // namespace northpole::schedule
