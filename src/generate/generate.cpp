#include "generate/generate.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "data/picture_transform.h"
#include "generate/networks.h"
#include "generate/random_picture.h"
#include "network/error.h"
#include "network/prepare.h"
#include "quantize/quantize.h"

namespace northpole::generate {

namespace {

constexpr std::int64_t calibration_pictures = 2;

constexpr std::array<StandardNetwork, 7> networks = {{
    {"resnet50", "ResNet-50 v1.5 for 224 x 224 pictures, 4.09 billion multiply-accumulates"},
    {"resnet18", "ResNet-18 for 224 x 224 pictures, 1.81 billion"},
    {"vgg16", "VGG-16 for 224 x 224 pictures, 15.5 billion, 138 million weights"},
    {"mobilenet-v2", "MobileNet-v2 for 224 x 224 pictures, 0.30 billion, depthwise convolutions"},
    {"mlp", "multi-layer perceptron 784 - 512 - 512 - 10 for 28 x 28 grey pictures"},
    {"unet",
     "U-shaped network for 224 x 224 pictures, 8.1 billion, a class for each pixel: upsampling, concatenations"},
    {"detection", "detector of the shape of tiny YOLOv3 for 416 x 416 pictures, 2.8 billion, two outputs"},
}};

network::Graph float_network(const std::string& name, std::uint64_t seed) {
  if (name == "resnet50") return resnet50(seed);
  if (name == "resnet18") return resnet18(seed);
  if (name == "vgg16") return vgg16(seed);
  if (name == "mobilenet-v2") return mobilenet_v2(seed);
  if (name == "mlp") return mlp(seed);
  if (name == "unet") return unet(seed);
  if (name == "detection") return detection(seed);
  std::string known;
  for (const StandardNetwork& network : networks) known += fmt::format("{}{}", known.empty() ? "" : ", ", network.name);
  throw Error(fmt::format("'{:.60}' is no standard network; known are {}", name, known));
}

}  // namespace

std::span<const StandardNetwork> standard_networks() { return networks; }

network::Graph generate(const std::string& name, const Options& options,
                        const std::function<void(std::int64_t, std::int64_t)>& progress) {
  quantize::Options quantization;
  if (!options.bits.empty()) {
    quantization.bits = quantize::bit_choice(options.bits);
    quantize::LayerBits& outer = quantization.bits.outer;
    outer = {std::max(outer.weights, options.outer_bits), std::max(outer.activations, options.outer_bits)};
  }
  network::Graph graph = float_network(name, options.seed);
  if (options.bits.empty()) return graph;

  const data::PictureTransform transform = data::transform_of(graph);
  const network::Port input = graph.inputs.front();
  quantize::Calibration calibration;
  calibration.count = calibration_pictures;
  calibration.inputs = [&](std::int64_t index) {
    const data::Picture picture = random_picture(options.seed, index, transform.width, transform.height);
    return std::map<std::string, network::Tensor>{{input.name, transform.input(picture, input.shape)}};
  };
  quantization.threads = options.threads;
  return quantize::quantize(network::prepared(std::move(graph)), calibration, quantization, progress);
}

}  // namespace northpole::generate
