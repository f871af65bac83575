// Every operator against ONNX Runtime: the reference interpreter with FP32 vector precision, given the same codes.
#include <gtest/gtest.h>

#include "quantize/quantize.h"
#include "support/every_operator.h"
#include "support/onnx_runtime.h"

namespace northpole::tests {
namespace {

TEST(OnnxRuntime, AgreesOnEveryOperator) {
  if (const auto reason = onnxruntime::missing()) GTEST_SKIP() << *reason;
  std::map<std::string, onnxruntime::Share> shares;
  for (unsigned seed : {1u, 2u}) {
    const EveryOperator network(seed);
    const network::Graph graph = quantize::quantize(
        network.prepared(), {8, [&](std::int64_t i) { return network.picture(static_cast<unsigned>(i)); }});
    const auto picture = network.picture(100);
    onnxruntime::add(shares, onnxruntime::compare_operators(graph, onnxruntime::run(graph, picture), picture));
  }
  EXPECT_GE(shares.size(), 20u);
  onnxruntime::expect_agreement(shares);
}

// It has no integer kernels for these: it computes in float, which may round a tie to the other side.
TEST(OnnxRuntime, AgreesOnNetworksOfFewBits) {
  if (const auto reason = onnxruntime::missing()) GTEST_SKIP() << *reason;
  const EveryOperator network(1);
  for (const char* bits : {"4", "2"}) {
    quantize::Options options;
    options.bits = quantize::bit_choice(bits);
    const network::Graph graph = quantize::quantize(
        network.prepared(), {8, [&](std::int64_t i) { return network.picture(static_cast<unsigned>(i)); }}, options);
    const auto picture = network.picture(100);
    const auto shares = onnxruntime::compare_operators(graph, onnxruntime::run(graph, picture, "disabled"), picture);
    EXPECT_GE(shares.size(), 20u);
    for (const auto& [name, share] : shares) {
      EXPECT_EQ(share.by_more_than_one, 0) << name << " of " << bits << " bits";
      EXPECT_LE(100 * share.different, share.elements) << name << " of " << bits << " bits";
    }
  }
}

}  // namespace
}  // namespace northpole::tests
