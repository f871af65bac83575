// The trace's counters: words on the links that leave the chosen cores, accesses of their banks.
#pragma once

#include <cstdint>
#include <set>

#include "report/run_instructions.h"
#include "report/trace_writer.h"

namespace northpole::report {

struct CounterChoice {
  std::set<std::uint32_t> cores, edges;
  std::uint64_t from = 0, until = 0;  // cycles
  std::uint64_t interval = 1;         // each value is the mean of so many cycles
};

// Links: share of the cycles in which the link (of the model network: a lane of it, on average) carries a word. Banks:
// accesses a cycle, at most 1. Whatever layer is shown, they count everything.
void add_counters(const RunInstructions& run, const CounterChoice& choice,
                  std::uint32_t (*process_of_core)(std::uint32_t), TraceWriter& writer);

}  // namespace northpole::report
