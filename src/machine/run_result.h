// What a run of the machine gives back, and what can be watched while it runs.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "isa/instruction.h"
#include "machine/activity.h"
#include "machine/fault.h"
#include "program/program.h"

namespace northpole::machine {

// Events and transports of a run, all over the chip.
struct Statistics {
  std::array<std::uint64_t, isa::thread_count> events{};  // by thread
  std::uint64_t edge_sends = 0, edge_receives = 0;
  struct Traffic {
    std::uint64_t words = 0, hops = 0, deliveries = 0;
  };
  Traffic activations, model, instructions;

  std::uint64_t total_events() const {
    std::uint64_t total = edge_sends + edge_receives;
    for (const std::uint64_t count : events) total += count;
    return total;
  }
};

struct RunResult {
  std::optional<Fault> fault;    // nothing: the run was sound
  std::uint64_t cycles = 0;      // that the run lasted, or until the fault
  std::uint64_t last_event = 0;  // cycle of the last event of any thread
  Statistics statistics;
  std::vector<Activity> activity;  // of the cores, then of the rows' edge units; empty from the fast engine
};

// A tensor as it lies in the cores' memories after TensorLocation::cycle.
struct TensorSnapshot {
  const program::TensorLocation& location;
  std::vector<std::uint8_t> codes;  // channels x height x width, row-major
  // Empty, or why the codes are not the tensor: a word that is not written or has another tag, copies that differ,
  // elements in no piece.
  std::string problem;
};
using Observer = std::function<void(const TensorSnapshot&)>;

}  // namespace northpole::machine
