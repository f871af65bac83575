// From a quantized network to the chip's program.
#pragma once

#include <functional>

#include "chip/chip_description.h"
#include "network/graph.h"
#include "program/program.h"

namespace northpole {

struct CompileOptions {
  int threads = 1;                             // changes nothing in the result
  std::function<void(double share)> progress;  // share of the layers done, 0 to 1
};

// graph: quantized, from read_network(). Write the result with program::write_program().
// Throws northpole::Error in one line: for a float network, for what the machine cannot do (naming the node), and for a
// network that does not fit (saying by how much and where). Same input, same program.
program::Program compile_network(const network::Graph& graph, const chip::ChipDescription& chip = {},
                                 const CompileOptions& options = {});

}  // namespace northpole
