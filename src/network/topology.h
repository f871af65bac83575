// The order of the nodes, and whether the graph hangs together at all.
#pragma once

#include "network/graph.h"

namespace northpole::network {

// Puts the nodes into topological order; nodes that are in order already keep their places.
// Makes node names non-empty and unique.
// Throws Error when two things produce the same value, a node reads a value that nothing produces, a
// network output is missing, or the nodes form a cycle (naming one of its nodes).
void sort_topologically(Graph& graph);

// A value name that the graph does not use yet, beginning with the given stem.
std::string fresh_value_name(const Graph& graph, const std::string& stem);

}  // namespace northpole::network
