// From a quantized network to the chip's program.
#pragma once

#include <cstdint>
#include <functional>

#include "chip/chip_description.h"
#include "network/graph.h"
#include "program/program.h"

namespace northpole {

enum class Objective : std::uint8_t {
  automatic,   // latency for one frame, throughput for more
  latency,     // the first input word to the last output word of a run
  throughput,  // frames a second, one run after another
};

struct CompileOptions {
  std::uint32_t frames = 1;  // that a run processes together
  Objective objective = Objective::automatic;
  int threads = 0;  // that try schedules, 0: all of the machine; changes nothing in the result
  // Schedules that are tried, the most; 0: by the size of the network. Fewer are quicker, and give longer runs.
  std::uint32_t schedules = 0;
  std::function<void(double share)> progress;  // share of the layers done, 0 to 1
};

// graph: quantized, from read_network(). Write the result with program::write_program().
// Throws northpole::Error in one line: for a float network, for what the machine cannot do (naming the node), and for a
// network that does not fit (saying by how much and where). Same input and options, same program.
program::Program compile_network(const network::Graph& graph, const chip::ChipDescription& chip = {},
                                 const CompileOptions& options = {});

}  // namespace northpole
