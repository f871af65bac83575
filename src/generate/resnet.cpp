// ResNet-18 and ResNet-50 (He et al., 2015): a 7x7 convolution, max pooling, four stages of residual blocks at 56, 28,
// 14 and 7 pixels, global average, classifier.
#include <string>

#include "generate/network_builder.h"
#include "generate/networks.h"

namespace northpole::generate {

namespace {

// A branch smaller than its shortcut, as trained ones are, or the values would double with every block.
constexpr double branch_gain = 0.5;

// Two 3x3 convolutions.
Value basic_branch(NetworkBuilder& build, const std::string& name, const Value& input, std::int64_t channels,
                   std::int64_t stride) {
  Value value = build.convolution(name + ".conv1", input, {.channels = channels, .kernel = 3, .stride = stride});
  value = build.relu(name + ".relu1", value);
  return build.convolution(name + ".conv2", value, {.channels = channels, .kernel = 3, .gain = branch_gain});
}

// 1x1 to a quarter of the channels, 3x3 with the stride, 1x1 back to all of them.
Value bottleneck_branch(NetworkBuilder& build, const std::string& name, const Value& input, std::int64_t channels,
                        std::int64_t stride) {
  Value value = build.convolution(name + ".conv1", input, {.channels = channels / 4});
  value = build.relu(name + ".relu1", value);
  value = build.convolution(name + ".conv2", value, {.channels = channels / 4, .kernel = 3, .stride = stride});
  value = build.relu(name + ".relu2", value);
  return build.convolution(name + ".conv3", value, {.channels = channels, .gain = branch_gain});
}

network::Graph resnet(const std::string& name, std::uint64_t seed, const std::int64_t (&blocks)[4],
                      decltype(basic_branch)* branch, std::int64_t first_channels) {
  NetworkBuilder build(name, seed, 3, 224);
  Value value = build.convolution("conv1", build.input(), {.channels = 64, .kernel = 7, .stride = 2});
  value = build.max_pool("maxpool", build.relu("relu", value), 3, 2, 1);
  for (int stage = 0; stage < 4; ++stage) {
    const std::int64_t channels = first_channels << stage;
    for (std::int64_t block = 0; block < blocks[stage]; ++block) {
      const std::string place = "layer" + std::to_string(stage + 1) + "." + std::to_string(block);
      const std::int64_t stride = block == 0 && stage > 0 ? 2 : 1;
      const Value result = branch(build, place, value, channels, stride);
      const Value shortcut =
          channels == value.channels && stride == 1
              ? value
              : build.convolution(place + ".downsample", value, {.channels = channels, .stride = stride});
      value = build.relu(place + ".relu", build.add(place + ".add", result, shortcut));
    }
  }
  value = build.flatten("flatten", build.global_average("avgpool", value));
  return std::move(build).finish({build.fully_connected("fc", value, 1000)});
}

}  // namespace

network::Graph resnet18(std::uint64_t seed) { return resnet("resnet18", seed, {2, 2, 2, 2}, basic_branch, 64); }

network::Graph resnet50(std::uint64_t seed) { return resnet("resnet50", seed, {3, 4, 6, 3}, bottleneck_branch, 256); }

}  // namespace northpole::generate
