// Random small quantized networks, in the QDQ form in which files of third parties come: every operator that runs on
// the machine, in odd shapes, with symmetric and asymmetric quantization, for machines of many sizes. Same seed, same
// network.
#pragma once

#include <cstdint>

#include "chip/chip_description.h"
#include "network/graph.h"

namespace northpole::tests {

struct RandomNetwork {
  network::Graph graph;  // standard form, as a file holds it; not prepared
  chip::ChipDescription chip;
  std::uint32_t frames = 1;  // that a run of it takes, for those who do not choose themselves
};

// Widths of activations and weights. Mixed: any, from value to value; weights are seldom wider than what they meet.
enum class Bits : std::uint8_t { eight, four, two, mixed };

RandomNetwork random_network(std::uint64_t seed, Bits bits = Bits::eight);

}  // namespace northpole::tests
