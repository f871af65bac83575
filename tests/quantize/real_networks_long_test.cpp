// Accuracy that quantization costs on real networks and pictures.
#include <gtest/gtest.h>

#include <cstdio>

#include "data/dataset.h"
#include "network/prepare.h"
#include "northpole/quantize.h"
#include "onnx/read_onnx.h"
#include "reference/quantized_interpreter.h"
#include "support/assets.h"
#include "support/picture_source.h"

namespace northpole::tests {
namespace {

struct Case {
  std::string model, pictures, calibration;  // the last two as on the command line
  std::int64_t count;                        // of pictures, from the first one on
  double loss;                               // of top-1, at most
  std::string bits = "8";
};

// As `northpole quantize` does it when nothing but the bits is chosen.
void check(const Case& what) {
  if (!has_asset(what.model) || !has_asset(what.pictures))
    GTEST_SKIP() << "no " << what.model << ": set NORTHPOLE_ASSETS";
  const network::Graph graph = network::prepared(onnx::read_onnx(assets() / what.model));
  QuantizeOptions options;
  options.threads = 2;
  options.bits = what.bits;
  const network::Graph quantized =
      quantize_network(graph, *data::open_dataset((assets() / what.calibration).string()), options);
  const PictureSource pictures(graph, assets() / what.pictures);
  const double real = pictures.top1(reference::FloatInterpreter(graph), what.count);
  const double rounded =
      pictures.top1(reference::QuantizedInterpreter(quantized, reference::Precision::fp16), what.count);
  std::printf("  top-1 of %lld pictures: %.4f float, %.4f of %s bits\n", static_cast<long long>(what.count), real,
              rounded, what.bits.c_str());
  EXPECT_GE(rounded, real - what.loss - 1e-9);
}

TEST(RealNetworks, ResNet20OfEightBitsLosesAtMostAFifthOfAPointOnCifar10) {
  check({"models/cifar10-resnet20.onnx", "cifar10/test.bin", "cifar10/train.bin", 5000, 0.002});
}

// First and last layer 8 bit.
TEST(RealNetworks, ResNet20OfFourBitsLosesAtMostOneAndAHalfPointsOnCifar10) {
  check({"models/cifar10-resnet20.onnx", "cifar10/test.bin", "cifar10/train.bin", 5000, 0.015, "mixed"});
}

TEST(RealNetworks, ResNet20OfFourBitsThroughoutLosesAtMostTwoPointsOnCifar10) {
  check({"models/cifar10-resnet20.onnx", "cifar10/test.bin", "cifar10/train.bin", 2000, 0.02, "4"});
}

TEST(RealNetworks, ResNet50OfEightBitsLosesAtMostAFifthOfAPointOnImageNet) {
  check({"models/resnet50-v1-imagenet.onnx", "imagenet-val", "imagenet-val[0:200]", 1000, 0.002});
}

}  // namespace
}  // namespace northpole::tests
