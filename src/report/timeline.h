// What the threads and networks of the whole chip do in time, and for which layer: a run cut into intervals.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "report/instruction_layers.h"
#include "report/run_instructions.h"

namespace northpole::report {

struct TimelineRow {
  std::string name;          // "vmm", ..., "edge send", "edge receive", then "net activations" and the other networks
  std::vector<double> busy;  // by interval: share of the cycles, over all threads of that name or all links
  std::vector<std::uint32_t> layer;  // by interval: for whom it did most, index into InstructionLayers::names()
};

struct Timeline {
  std::uint64_t interval = 1;  // cycles
  std::vector<TimelineRow> rows;
  // By layer: the widest weights and activations that its multiplies take; 0 where there are none.
  std::vector<std::uint8_t> weight_bits, activation_bits;
};

// At most `most_intervals` intervals, at least one.
Timeline timeline_of(const RunInstructions& run, const InstructionLayers& layers, std::size_t most_intervals);

}  // namespace northpole::report
