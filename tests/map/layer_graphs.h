// Lowered networks made by hand: shapes, views and blocks without weights, for asking the mapper about them.
#pragma once

#include <string>
#include <vector>

#include "lower/layer.h"

namespace northpole::map {

class LayerGraphBuilder {
 public:
  // The network's input, packed as the host does it: words of `bits`.
  std::int32_t input(std::int32_t channels, std::int32_t height, std::int32_t width, std::int32_t bits) {
    graph.input.tensor = add_tensor("input", channels, height, width, bits);
    return graph.input.tensor;
  }

  struct Convolution {
    std::int32_t channels = 32, window_height = 1, window_width = 1, stride_y = 1, stride_x = 1;
    std::int32_t pad_y = 0, pad_x = 0, phases = 1;
    std::int32_t bits = 8;  // of the output
    std::int32_t weight_bits = 8;
    std::int32_t residual = -1;  // tensor that is added
  };
  std::int32_t convolution(const std::string& name, std::int32_t from, const Convolution& c) {
    const lower::View view = view_of(from, c.pad_y, c.pad_x);
    lower::Layer layer;
    layer.name = name;
    layer.window_height = c.window_height;
    layer.window_width = c.window_width;
    layer.stride_y = c.stride_y;
    layer.stride_x = c.stride_x;
    layer.phases = c.phases;
    layer.lane_words = 8;
    layer.weights.bits = c.weight_bits;
    layer.weights.used_blocks = static_cast<std::int32_t>(view.blocks.size());
    layer.weights.block_bytes = 4 * view.block_channels() * c.weight_bits;
    layer.output = add_tensor(name, c.channels, (view.height - c.window_height) / c.stride_y + 1,
                              ((view.width - c.window_width) / c.stride_x + 1) * c.phases, c.bits);
    layer.weights.first_block.assign(static_cast<std::size_t>(tensor(layer.output).lane_groups()), 0);
    layer.inputs.push_back(view);
    if (c.residual >= 0) layer.inputs.push_back(view_of(c.residual, 0, 0));
    return add(std::move(layer));
  }
  std::int32_t square(const std::string& name, std::int32_t from, std::int32_t channels, std::int32_t window,
                      std::int32_t stride, std::int32_t bits, std::int32_t residual = -1) {
    return convolution(name, from,
                       {.channels = channels,
                        .window_height = window,
                        .window_width = window,
                        .stride_y = stride,
                        .stride_x = stride,
                        .pad_y = window / 2,
                        .pad_x = window / 2,
                        .bits = bits,
                        .weight_bits = tensor(from).quantization.bits,
                        .residual = residual});
  }
  std::int32_t max_pool(const std::string& name, std::int32_t from, std::int32_t window, std::int32_t stride) {
    const std::int32_t pad = window / 2;
    const lower::View view = view_of(from, pad, pad);
    lower::Layer layer;
    layer.kind = lower::LayerKind::max_pool;
    layer.name = name;
    layer.window_height = layer.window_width = window;
    layer.stride_y = layer.stride_x = stride;
    layer.output = add_tensor(name, view.channels, (view.height - window) / stride + 1,
                              (view.width - window) / stride + 1, view.quantization.bits);
    layer.inputs.push_back(view);
    return add(std::move(layer));
  }
  std::int32_t add_elementwise(const std::string& name, std::int32_t a, std::int32_t b) {
    lower::Layer layer;
    layer.kind = lower::LayerKind::elementwise;
    layer.name = name;
    const lower::StoredTensor like = tensor(a);
    layer.output = add_tensor(name, like.channels, like.height, like.width, like.quantization.bits);
    layer.inputs = {view_of(a, 0, 0), view_of(b, 0, 0)};
    return add(std::move(layer));
  }
  lower::LayerGraph finish(std::int32_t output) {
    graph.outputs.push_back({"output", view_of(output, 0, 0), {}});
    return std::move(graph);
  }

  lower::View view_of(std::int32_t from, std::int32_t pad_y, std::int32_t pad_x) const {
    const lower::StoredTensor& t = tensor(from);
    lower::View view;
    view.channels = t.channels;
    view.height = t.height + 2 * pad_y;
    view.width = t.width + 2 * pad_x;
    view.quantization = t.quantization;
    view.maps.push_back({indices(t.height, pad_y), indices(t.width, pad_x)});
    for (std::int32_t b = 0; b < t.blocks(); ++b) view.blocks.push_back({from, b, 0});
    for (std::int32_t c = 0; c < t.channels; ++c) view.position.push_back(c);
    return view;
  }
  const lower::StoredTensor& tensor(std::int32_t i) const { return graph.tensors[static_cast<std::size_t>(i)]; }

  lower::LayerGraph graph;

 private:
  static std::vector<std::int32_t> indices(std::int32_t size, std::int32_t pad) {
    std::vector<std::int32_t> result;
    for (std::int32_t i = -pad; i < size + pad; ++i) result.push_back(i < 0 || i >= size ? -1 : i);
    return result;
  }
  std::int32_t add_tensor(const std::string& name, std::int32_t channels, std::int32_t height, std::int32_t width,
                          std::int32_t bits) {
    lower::StoredTensor t;
    t.name = t.layer = name;
    t.channels = channels;
    t.height = height;
    t.width = width;
    t.quantization.bits = bits;
    graph.tensors.push_back(t);
    return static_cast<std::int32_t>(graph.tensors.size()) - 1;
  }
  std::int32_t add(lower::Layer layer) {
    graph.layers.push_back(std::move(layer));
    return graph.layers.back().output;
  }
};

// ResNet-50 at 224 x 224: `bits` but for the first and the last layer, which are 8 bit. A word of the packed picture
// holds nine pixels of a row, the window's width for two neighbouring outputs.
inline lower::LayerGraph resnet50_layers(std::int32_t bits) {
  LayerGraphBuilder build;
  std::int32_t x = build.input(32, 229, 56, 8);
  x = build.convolution(
      "conv1", x, {.channels = 64, .window_height = 7, .stride_y = 2, .phases = 2, .bits = bits, .weight_bits = 8});
  x = build.max_pool("maxpool", x, 3, 2);
  const std::int32_t blocks[4] = {3, 4, 6, 3};
  for (std::int32_t stage = 0; stage < 4; ++stage)
    for (std::int32_t block = 0; block < blocks[stage]; ++block) {
      const std::string name = "layer" + std::to_string(stage + 1) + "." + std::to_string(block);
      const std::int32_t channels = 256 << stage, stride = block == 0 && stage > 0 ? 2 : 1;
      const std::int32_t shortcut = block == 0 ? build.square(name + ".downsample", x, channels, 1, stride, bits) : x;
      std::int32_t y = build.square(name + ".conv1", x, channels / 4, 1, 1, bits);
      y = build.square(name + ".conv2", y, channels / 4, 3, stride, bits);
      x = build.square(name + ".conv3", y, channels, 1, 1, stage == 3 && block == 2 ? 8 : bits, shortcut);
    }
  x = build.convolution("avgpool", x, {.channels = 2048, .window_height = 7, .window_width = 7});
  // An average weighs each channel alone: a lane group reads its own word only.
  auto& average = build.graph.layers.back();
  average.weights.used_blocks = 1;
  for (std::size_t o = 0; o < average.weights.first_block.size(); ++o)
    average.weights.first_block[o] = static_cast<std::int32_t>(o);
  average.weights.bytes.assign(average.weights.first_block.size() * 49 * 1024, 0);
  x = build.convolution("fc", x, {.channels = 1000});
  return build.finish(x);
}

}  // namespace northpole::map
