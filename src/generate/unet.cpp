// A U-shaped network (after Ronneberger et al., 2015) that gives each pixel one of five classes: on the way down two
// 3x3 convolutions a level and a pooling, on the way up the deeper level upsampled beside the same level's values of
// the way down, and two 3x3 convolutions again. Padding keeps the sizes.
#include <string>
#include <vector>

#include "generate/network_builder.h"
#include "generate/networks.h"

namespace northpole::generate {

namespace {

constexpr int levels = 4;
constexpr std::int64_t first_channels = 32, classes = 5;

Value two_convolutions(NetworkBuilder& build, const std::string& place, Value value, std::int64_t channels) {
  for (const char* number : {"1", "2"}) {
    value = build.convolution(place + ".conv" + number, value, {.channels = channels, .kernel = 3});
    value = build.relu(place + ".relu" + number, value);
  }
  return value;
}

}  // namespace

network::Graph unet(std::uint64_t seed) {
  NetworkBuilder build("unet", seed, 3, 224);
  Value value = build.input();
  std::vector<Value> kept;
  for (int level = 0; level < levels; ++level) {
    const std::string place = "down" + std::to_string(level + 1);
    if (level > 0) value = build.max_pool(place + ".pool", value, 2, 2, 0);
    value = two_convolutions(build, place, value, first_channels << level);
    kept.push_back(value);
  }
  for (int level = levels - 2; level >= 0; --level) {
    const std::string place = "up" + std::to_string(level + 1);
    value = build.concatenate(place + ".concat", build.upsample(place + ".upsample", value),
                              kept[static_cast<std::size_t>(level)]);
    value = two_convolutions(build, place, value, first_channels << level);
  }
  return std::move(build).finish({build.convolution("head", value, {.channels = classes})});
}

}  // namespace northpole::generate
