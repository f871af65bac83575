// The trained network as the project's own graph.
#pragma once

#include "network/graph.h"
#include "train/digit_network.h"

namespace northpole::train {

// The float32 graph of the network for one picture, in inference form: batch normalisation folded into the convolutions,
// with the picture transform and the class names "0" to "9" in its metadata.
network::Graph network_to_graph(DigitNetwork& network);

}  // namespace northpole::train
