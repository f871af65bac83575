// Standard networks with seeded random weights: something real in shape to compile, schedule and measure where no
// trained network is at hand. Their answers mean nothing.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>

#include "network/graph.h"

namespace northpole::generate {

struct Options {
  std::uint64_t seed = 1;
  // Empty: a float network; else quantized by src/quantize on two seeded random pictures, to the bits of
  // quantize::bit_choice(): "8", "4", "2", "mixed".
  std::string bits;
  int outer_bits = 0;  // of the first and the last layers, where wider than `bits` says; 0: as `bits` says
  int threads = 1;  // changes nothing in the result
};

struct StandardNetwork {
  std::string_view name;         // "resnet50"
  std::string_view description;  // one line for --help
};

// What generate() knows, in the order to list it.
std::span<const StandardNetwork> standard_networks();

// The network at opset 17 for one picture (1 x 3 x 224 x 224; the MLP 1 x 1 x 28 x 28, the detector 1 x 3 x 416 x 416),
// batch normalisation folded, with its picture transform in the metadata. Weights are such that activations keep about
// the same size through all layers. The same arguments give the same float network on every machine. `progress(done,
// total)` counts calibration pictures. Throws Error naming the known networks for an unknown name, and the known bits
// for others.
network::Graph generate(const std::string& name, const Options& options = {},
                        const std::function<void(std::int64_t, std::int64_t)>& progress = {});

}  // namespace northpole::generate
