// A multi-layer perceptron for 28 x 28 grey pictures: 784 - 512 - 512 - 10.
#include "generate/network_builder.h"
#include "generate/networks.h"

namespace northpole::generate {

network::Graph mlp(std::uint64_t seed) {
  NetworkBuilder build("mlp", seed, 1, 28);
  Value value = build.flatten("flatten", build.input());
  value = build.relu("fc1.relu", build.fully_connected("fc1", value, 512));
  value = build.relu("fc2.relu", build.fully_connected("fc2", value, 512));
  return std::move(build).finish({build.fully_connected("fc3", value, 10)});
}

}  // namespace northpole::generate
