// Whole real networks against ONNX Runtime's integer kernels.
#include <gtest/gtest.h>

#include "network/prepare.h"
#include "onnx/read_onnx.h"
#include "quantize/quantize.h"
#include "support/assets.h"
#include "support/onnx_runtime.h"
#include "support/picture_source.h"

namespace northpole::tests {
namespace {

void compare(const std::string& model, const std::string& data, std::int64_t pictures) {
  if (const auto reason = onnxruntime::missing()) GTEST_SKIP() << *reason;
  if (!has_asset(model) || !has_asset(data)) GTEST_SKIP() << "no " << model << ": set NORTHPOLE_ASSETS";
  const network::Graph graph = network::prepared(onnx::read_onnx(assets() / model));
  const PictureSource source(graph, assets() / data);
  quantize::Options options;
  options.threads = 2;
  const network::Graph quantized = quantize::quantize(graph, source.calibration(100, 16), options);
  std::map<std::string, onnxruntime::Share> shares;
  for (std::int64_t picture = 0; picture < pictures; ++picture) {
    const auto input = source(picture);
    onnxruntime::add(shares, onnxruntime::compare_operators(quantized, onnxruntime::run(quantized, input), input));
  }
  onnxruntime::expect_agreement(shares);
}

TEST(OnnxRuntime, AgreesOnResNet20) { compare("models/cifar10-resnet20.onnx", "cifar10/test.bin", 10); }

TEST(OnnxRuntime, AgreesOnResNet50) { compare("models/resnet50-v1-imagenet.onnx", "imagenet-val", 2); }

}  // namespace
}  // namespace northpole::tests
