// A whole run as timed events, before there are programs: what every thread of every core does, in absolute cycles.
//
// The array is cut into groups of `group_rows` rows. All groups do the same at the same time, each with its own frame: what
// the VMM, vector, send, receive and partial-sum threads do is kept once, for the cores of one group. Weights and programs
// are sent once for all groups, so memory, weights and programs threads are kept for every core.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "isa/instruction.h"
#include "schedule/timed_instruction.h"

namespace northpole::schedule {

class RunPlan {
 public:
  RunPlan(const chip::ChipDescription& chip, std::uint32_t group_rows, std::uint32_t groups);
  RunPlan(const chip::ChipDescription& chip, std::uint32_t group_rows)
      : RunPlan(chip, group_rows, chip.rows / group_rows) {}

  std::uint32_t group_rows() const { return group_rows_; }
  std::uint32_t group_cores() const { return group_rows_ * chip_.columns; }
  std::uint32_t groups() const { return groups_; }
  static bool of_group(isa::Thread thread) {
    return thread != isa::Thread::memory && thread != isa::Thread::weights && thread != isa::Thread::programs;
  }

  // For a thread of_group(): `core` is a core of the group (row in the group * columns + column), and a send's row mask
  // counts from the group's first row. Else a core of the array. In any order of time; spans of one thread's instructions
  // must not overlap.
  void add(std::uint32_t core, isa::Thread thread, std::uint64_t start, isa::Instruction instruction);
  // Edge units of the group's rows.
  void add_edge(std::uint32_t row, bool send, std::uint64_t start, isa::Instruction instruction);

  // What a core of the array does, in order of time: a core of group g is core `index + g * group_cores()`. Rows without
  // a group (beyond groups() * group_rows()) do nothing.
  std::vector<TimedInstruction> thread(std::uint32_t core, isa::Thread thread) const;
  std::vector<TimedInstruction> edge(std::uint32_t row, bool send) const;

  // First cycle after everything that happens.
  std::uint64_t end() const { return end_; }
  void lasts_until(std::uint64_t cycle) { end_ = cycle > end_ ? cycle : end_; }

 private:
  chip::ChipDescription chip_;
  std::uint32_t group_rows_, groups_;
  std::array<std::vector<std::vector<TimedInstruction>>, isa::thread_count> threads_;  // by thread and core
  std::array<std::vector<std::vector<TimedInstruction>>, 2> edges_;                    // receive, send; by row
  std::uint64_t end_ = 1;
};

}  // namespace northpole::schedule
