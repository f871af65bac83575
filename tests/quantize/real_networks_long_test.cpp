// Accuracy that quantization costs on real networks and pictures.
#include <gtest/gtest.h>

#include <cstdio>

#include "network/prepare.h"
#include "onnx/read_onnx.h"
#include "quantize/quantize.h"
#include "reference/quantized_interpreter.h"
#include "support/assets.h"
#include "support/picture_source.h"

namespace northpole::tests {
namespace {

struct Case {
  std::string model, pictures, calibration;
  std::int64_t first, calibrated, count;
  double loss;  // of top-1, at most
  std::string bits = "8";
};

void check(const Case& what) {
  if (!has_asset(what.model) || !has_asset(what.pictures))
    GTEST_SKIP() << "no " << what.model << ": set NORTHPOLE_ASSETS";
  const network::Graph graph = network::prepared(onnx::read_onnx(assets() / what.model));
  const PictureSource calibration(graph, assets() / what.calibration), pictures(graph, assets() / what.pictures);
  quantize::Options options;
  options.threads = 2;
  options.bits = quantize::bit_choice(what.bits);
  const network::Graph quantized =
      quantize::quantize(graph, calibration.calibration(what.first, what.calibrated), options);
  const double real = pictures.top1(reference::FloatInterpreter(graph), what.count);
  const double rounded =
      pictures.top1(reference::QuantizedInterpreter(quantized, reference::Precision::fp16), what.count);
  std::printf("  top-1 of %lld pictures: %.4f float, %.4f of %s bits\n", static_cast<long long>(what.count), real,
              rounded, what.bits.c_str());
  EXPECT_GE(rounded, real - what.loss - 1e-9);
}

TEST(RealNetworks, ResNet20LosesAtMost0Point3PointsOnCifar10) {
  check({"models/cifar10-resnet20.onnx", "cifar10/test.bin", "cifar10/train.bin", 0, 200, 5000, 0.003});
}

// Without training for it, four bits cost some points.
TEST(RealNetworks, ResNet20OfFourBitsLosesAtMostSixPointsOnCifar10) {
  for (const char* bits : {"4", "mixed"})
    check({"models/cifar10-resnet20.onnx", "cifar10/test.bin", "cifar10/train.bin", 0, 200, 2000, 0.06, bits});
}

TEST(RealNetworks, ResNet50LosesAtMostOnePointOnImageNet) {
  check({"models/resnet50-v1-imagenet.onnx", "imagenet-val", "imagenet-val", 800, 100, 200, 0.01});
}

}  // namespace
}  // namespace northpole::tests
