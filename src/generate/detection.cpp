// A detector of the shape of tiny YOLOv3 (Redmon and Farhadi, 2018): convolutions and poolings down to 13 x 13, a head
// there, and a second head at 26 x 26 that also sees the backbone's values of that size. Each head gives three boxes of
// four coordinates, a confidence and 80 classes for each of its positions, before any activation function.
#include <string>

#include "generate/network_builder.h"
#include "generate/networks.h"

namespace northpole::generate {

namespace {

constexpr std::int64_t head_channels = 3 * (4 + 1 + 80);

Value leaky_convolution(NetworkBuilder& build, const std::string& name, const Value& value, std::int64_t channels,
                        std::int64_t kernel) {
  return build.leaky_relu(name + ".leaky", build.convolution(name, value, {.channels = channels, .kernel = kernel}));
}

}  // namespace

network::Graph detection(std::uint64_t seed) {
  NetworkBuilder build("detection", seed, 3, 416);
  Value value = build.input(), middle;
  for (int stage = 1; stage <= 6; ++stage) {
    const std::string number = std::to_string(stage);
    value = leaky_convolution(build, "conv" + number, value, std::int64_t{8} << stage, 3);
    if (stage == 5) middle = value;
    if (stage < 6) value = build.max_pool("pool" + number, value, 2, 2, 0);
  }
  value = leaky_convolution(build, "conv7", build.max_pool_of_every_two("pool6", value), 1024, 3);
  const Value shared = leaky_convolution(build, "conv8", value, 256, 1);
  value = leaky_convolution(build, "coarse.conv", shared, 512, 3);
  const Value coarse = build.convolution("coarse.head", value, {.channels = head_channels});
  value = build.upsample("fine.upsample", leaky_convolution(build, "fine.route", shared, 128, 1));
  value = leaky_convolution(build, "fine.conv", build.concatenate("fine.concat", value, middle), 256, 3);
  const Value fine = build.convolution("fine.head", value, {.channels = head_channels});
  return std::move(build).finish({coarse, fine});
}

}  // namespace northpole::generate
