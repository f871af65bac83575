// VGG-16 (Simonyan and Zisserman, 2014): thirteen 3x3 convolutions with five poolings between, three large fully
// connected layers.
#include <string>

#include "generate/network_builder.h"
#include "generate/networks.h"

namespace northpole::generate {

network::Graph vgg16(std::uint64_t seed) {
  NetworkBuilder build("vgg16", seed, 3, 224);
  Value value = build.input();
  const struct {
    std::int64_t channels;
    int convolutions;
  } stages[] = {{64, 2}, {128, 2}, {256, 3}, {512, 3}, {512, 3}};
  int stage_number = 0;
  for (const auto& stage : stages) {
    const std::string place = "stage" + std::to_string(++stage_number);
    for (int index = 1; index <= stage.convolutions; ++index) {
      const std::string number = std::to_string(index);
      value = build.convolution(place + ".conv" + number, value, {.channels = stage.channels, .kernel = 3});
      value = build.relu(place + ".relu" + number, value);
    }
    value = build.max_pool(place + ".pool", value, 2, 2, 0);
  }
  value = build.flatten("flatten", value);
  value = build.relu("fc1.relu", build.fully_connected("fc1", value, 4096));
  value = build.relu("fc2.relu", build.fully_connected("fc2", value, 4096));
  return std::move(build).finish({build.fully_connected("fc3", value, 1000)});
}

}  // namespace northpole::generate
