// Values that skip layers, kept wider than what the layers themselves read.
#pragma once

#include <set>
#include <string>

#include "network/graph.h"

namespace northpole::train {

// In the paper only the inputs of layers are quantized; what skips them keeps its precision. On the machine a value is
// stored once, in one width, so a residual network of 2 bits rounds the sum of every block to four levels. Here each
// value that is never negative and that both layers with weights and other operators read gets a Relu of its own in
// front of the layers, which changes nothing but lets the layers read another width. `wide` receives the values' names.
network::Graph with_separate_stream(network::Graph graph, std::set<std::string>& wide);

}  // namespace northpole::train
