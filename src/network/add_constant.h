// New constants that rewrites make.
#pragma once

#include <string>

#include "network/graph.h"

namespace northpole::network {

// Stores the tensor under a name that is not taken yet, beginning with the stem, and gives the name.
std::string add_constant(Graph& graph, const std::string& stem, Tensor tensor);

// Reserves a name for a value that a new node will produce.
std::string add_value(Graph& graph, const std::string& stem, const Port& like);

}  // namespace northpole::network
