// MobileNet-v2 (Sandler et al., 2018): inverted residual blocks. Each widens with a 1x1 convolution, filters every
// channel by itself with a 3x3, and narrows again with a 1x1 that has no activation function behind it.
#include <string>

#include "generate/network_builder.h"
#include "generate/networks.h"

namespace northpole::generate {

namespace {

Value inverted_residual(NetworkBuilder& build, const std::string& name, const Value& input, std::int64_t expansion,
                        std::int64_t channels, std::int64_t stride) {
  Value value = input;
  const std::int64_t wide = input.channels * expansion;
  if (expansion != 1) {
    value = build.relu6(name + ".expand.relu6", build.convolution(name + ".expand", value, {.channels = wide}));
  }
  value = build.convolution(name + ".depthwise", value,
                            {.channels = wide, .kernel = 3, .stride = stride, .depthwise = true});
  value = build.relu6(name + ".depthwise.relu6", value);
  const bool residual = stride == 1 && channels == input.channels;
  // A branch smaller than its shortcut, as trained ones are.
  value = build.convolution(name + ".project", value, {.channels = channels, .gain = residual ? 0.5 : 1.0});
  return residual ? build.add(name + ".add", value, input) : value;
}

}  // namespace

network::Graph mobilenet_v2(std::uint64_t seed) {
  NetworkBuilder build("mobilenet-v2", seed, 3, 224);
  Value value = build.convolution("stem", build.input(), {.channels = 32, .kernel = 3, .stride = 2});
  value = build.relu6("stem.relu6", value);
  const struct {
    std::int64_t expansion, channels;
    int blocks;
    std::int64_t stride;
  } stages[] = {{1, 16, 1, 1}, {6, 24, 2, 2},  {6, 32, 3, 2}, {6, 64, 4, 2},
                {6, 96, 3, 1}, {6, 160, 3, 2}, {6, 320, 1, 1}};
  int number = 0;
  for (const auto& stage : stages) {
    for (int block = 0; block < stage.blocks; ++block) {
      value = inverted_residual(build, "block" + std::to_string(++number), value, stage.expansion, stage.channels,
                                block == 0 ? stage.stride : 1);
    }
  }
  value = build.relu6("head.relu6", build.convolution("head", value, {.channels = 1280}));
  value = build.flatten("flatten", build.global_average("average", value));
  return std::move(build).finish({build.fully_connected("classifier", value, 1000)});
}

}  // namespace northpole::generate
