// A segment: what every thread does between two switches of the program buffer, with cycles counted from the switch
// (cycle 0 is the switch itself, so the first event may be in cycle 1).
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "schedule/route.h"
#include "schedule/timed_instruction.h"

namespace northpole::schedule {

using Thread = isa::Thread;

struct CorePlan {
  std::array<std::vector<TimedInstruction>, isa::thread_count> threads;  // in order of time
};

struct SegmentPlan {
  std::string layer;
  std::vector<CorePlan> cores;
  std::vector<std::vector<TimedInstruction>> edge_send, edge_receive;  // by row
  std::uint64_t end = 1;  // first cycle after everything that happens in it
  std::uint64_t multiply_accumulates = 0, transfer_cycles = 0, compute_cycles = 0;
  std::string bound;
  // Tensors that are complete at its end (indices into the layer graph).
  std::vector<std::int32_t> completed;

  Reservation activations;
  std::vector<Reservation> model;  // by lane
  Reservation instructions;

  explicit SegmentPlan(const chip::ChipDescription& chip)
      : cores(chip.cores()),
        edge_send(chip.rows),
        edge_receive(chip.rows),
        activations(chip),
        model(chip.model_lanes, Reservation(chip)),
        instructions(chip) {}

  std::vector<TimedInstruction>& thread(std::uint32_t core, Thread thread) {
    return cores[core].threads[static_cast<std::size_t>(thread)];
  }
  // First cycle in which the thread has nothing to do any more.
  std::uint64_t free_from(std::uint32_t core, Thread which) {
    auto& list = thread(core, which);
    return list.empty() ? 1 : list.back().last() + 1;
  }
  void add(std::uint32_t core, Thread which, std::uint64_t start, isa::Instruction instruction) {
    TimedInstruction timed{start, std::move(instruction)};
    end = std::max(end, timed.last() + 1);
    thread(core, which).push_back(std::move(timed));
  }
  // First cycle at or after `from` in which the thread has `length` idle cycles in a row, and an instruction put there.
  std::uint64_t idle_from(std::uint32_t core, Thread which, std::uint64_t from, std::uint64_t length) {
    return first_idle(thread(core, which), from, length);
  }
  void insert(std::uint32_t core, Thread which, std::uint64_t start, isa::Instruction instruction) {
    TimedInstruction timed{start, std::move(instruction)};
    end = std::max(end, timed.last() + 1);
    insert_in_time(thread(core, which), std::move(timed));
  }
  // Makes the segment last until everything before `cycle` is over.
  void lasts_until(std::uint64_t cycle) { end = std::max(end, cycle); }
};

}  // namespace northpole::schedule
