// The standard networks, one file each (the two ResNets share one). All float32.
#pragma once

#include <cstdint>

#include "network/graph.h"

namespace northpole::generate {

network::Graph resnet18(std::uint64_t seed);
network::Graph resnet50(std::uint64_t seed);  // v1.5: a block's stride is in its 3x3 convolution
network::Graph vgg16(std::uint64_t seed);
network::Graph mobilenet_v2(std::uint64_t seed);
network::Graph mlp(std::uint64_t seed);
network::Graph unet(std::uint64_t seed);
network::Graph detection(std::uint64_t seed);

}  // namespace northpole::generate
