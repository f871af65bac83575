// A run as a trace that Perfetto's viewer and Chrome's trace viewer open: what each thread did in which cycles and for
// which layer, and what the links and banks had to carry. docs/trace.md says how to read it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "program/program.h"

namespace northpole::report {

struct TraceOptions {
  std::vector<std::uint32_t> cores = {0};
  std::vector<std::uint32_t> edges = {0};    // rows whose edge units are shown
  std::string layer;                         // only what works for layers with this in their names; empty: all
  std::optional<std::uint64_t> from, until;  // cycles; `until` is the first one that is not shown
  std::uint64_t counter_interval = 0;  // cycles that a counter's value is the mean of; 0: a 250th of the time shown
};

// Chrome's trace format as JSON ("X" slices, "C" counters, "M" names). A microsecond of the trace is a thousand cycles,
// so that a cycle is a nanosecond. A slice is an instruction, from its first to its last event; `tdur` are the cycles
// in which its thread was busy with it. Throws northpole::Error for a core, row, layer or time that the program does
// not have, and for a program that cannot be followed.
std::string trace_json(const program::Program& program, const TraceOptions& options = {});

}  // namespace northpole::report
