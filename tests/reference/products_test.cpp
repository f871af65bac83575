// Conv, Gemm and MatMul of docs/numerics.md, worked out by hand.
#include <gmock/gmock.h>

#include "network/error.h"
#include "support/quantized_network.h"

namespace northpole::reference {
namespace {

using network::ElementType;
using network::Tensor;
using testing::ElementsAre;
using testing::HasSubstr;

Tensor codes8(network::Shape shape, const std::vector<std::int64_t>& values) {
  return Tensor::of_integers(ElementType::int8, std::move(shape), values);
}

QuantizedNetwork::Attributes convolution(std::vector<std::int64_t> kernel, std::int64_t group = 1,
                                         std::vector<std::int64_t> strides = {1, 1},
                                         std::vector<std::int64_t> pads = {0, 0, 0, 0},
                                         std::vector<std::int64_t> dilations = {1, 1}) {
  auto attributes = window(std::move(kernel), std::move(strides), std::move(pads), std::move(dilations));
  attributes["group"] = group;
  return attributes;
}

TEST(Convolution, ScalesEachChannelByItself) {
  QuantizedNetwork network;
  // x' = 1, 2, 3, 4 of scale 0.5.
  const auto x = network.activation({1, 1, 2, 2}, uint8(0.5f, 10), {11, 12, 13, 14});
  const auto w = network.weights(codes8({2, 1, 1, 1}, {3, -5}), {0.25f, 0.5f}, 0);
  // bias of scale 0.125 and 0.25
  const auto b = network.weights(Tensor::of_integers(ElementType::int32, {2}, {1, 100}), {0.125f, 0.25f}, 0);
  // Channel 0: 3 x' + 1 = 4 7 10 13, M = 0.125 / 0.25 = 0.5: 2 3.5 5 6.5 -> 2 4 5 6 (halves to even).
  // Channel 1: 100 - 5 x' = 95 90 85 80, M = 1. Zero point -3.
  EXPECT_THAT(codes_of(network, network.node("Conv", {x, w, b}, convolution({1, 1})), int8(0.25f, -3)),
              ElementsAre(-1, 1, 2, 3, 92, 87, 82, 77));
}

TEST(Convolution, PadsWithTheRealZeroAndClampsAtBothEnds) {
  QuantizedNetwork network;
  const auto x = network.activation({1, 1, 1, 3}, int8(1.0f, -128), {-128, 127, 0});  // x' = 0, 255, 128
  const auto w = network.weights(codes8({1, 1, 1, 3}, {1, -1, 2}), {1.0f}, 0);
  // 1*0 - 1*0 + 2*255 = 510; 0 - 255 + 2*128 = 1; 255 - 128 + 0 = 127
  EXPECT_THAT(codes_of(network, network.node("Conv", {x, w}, convolution({1, 3}, 1, {1, 1}, {0, 1, 0, 1})), int8(2.0f)),
              ElementsAre(127, 0, 64));
}

TEST(Convolution, TakesAsymmetricWeightsStridesAndDilations) {
  QuantizedNetwork network;
  const auto x = network.activation({1, 1, 3, 5}, uint8(1.0f), {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15});
  // w' = 1 and -2, rows 2 apart, columns stepping by 2: 1 - 2*11, 3 - 2*13, 5 - 2*15
  const auto w = network.weights(Tensor::of_integers(ElementType::uint8, {1, 1, 2, 1}, {101, 98}), {1.0f}, 0, {100});
  EXPECT_THAT(
      codes_of(network, network.node("Conv", {x, w}, convolution({2, 1}, 1, {1, 2}, {0, 0, 0, 0}, {2, 1})), int8(1.0f)),
      ElementsAre(-21, -23, -25));
}

TEST(Convolution, KeepsGroupsApart) {
  QuantizedNetwork network;
  const auto x = network.activation({1, 4, 1, 1}, uint8(1.0f), {1, 2, 3, 4});
  const auto w = network.weights(codes8({4, 2, 1, 1}, {1, 1, 1, -1, 2, 1, 1, 2}), {1.0f}, 0);
  EXPECT_THAT(codes_of(network, network.node("Conv", {x, w}, convolution({1, 1}, 2)), int8(1.0f)),
              ElementsAre(3, -1, 10, 11));
}

TEST(Convolution, IsNarrowedByTheClampBehindIt) {
  QuantizedNetwork network;
  const auto x = network.activation({1, 1, 1, 4}, int8(1.0f), {-100, -1, 5, 100});
  const auto w = network.weights(codes8({1, 1, 1, 1}, {1}), {1.0f}, 0);
  const auto y = network.node("Conv", {x, w}, convolution({1, 1}));
  // Q(-2) = rne(-2 / 4) + 7 = 7 (half to even), Q(30) = rne(7.5) + 7 = 15; 100/4 = 25 -> 15 - 7
  EXPECT_THAT(codes_of(network, network.node("Clip", {y}, {{"min", -2.0f}, {"max", 30.0f}}), uint8(4.0f, 7)),
              ElementsAre(7, 7, 8, 15));
}

TEST(Convolution, AddsAFloatBiasBehindTheSum) {
  QuantizedNetwork network;
  const auto x = network.activation({1, 1, 1, 1}, int8(0.5f), {1});
  const auto w = network.weights(codes8({2, 1, 1, 1}, {1, 1}), {0.5f}, 0);
  // The sum of 1 counts 1, b / 0.25 = 2.5 and 3.5: 3.5 -> 4 and 4.5 -> 4
  const auto b = network.constant(Tensor::of_floats({2}, {0.625f, 0.875f}));
  EXPECT_THAT(codes_of(network, network.node("Conv", {x, w, b}, convolution({1, 1})), int8(0.25f)), ElementsAre(4, 4));
}

TEST(Convolution, TakesAQuantizedBiasOfAnotherScaleByItsRealValue) {
  QuantizedNetwork network;
  const auto x = network.activation({1, 1, 1, 1}, int8(0.5f), {1});
  const auto w = network.weights(codes8({2, 1, 1, 1}, {1, 1}), {0.5f}, 0);
  // (12 - 2) * 0.0625 = 0.625 in steps of 0.25: 1 + 2.5 -> 4; (26 - 2) * 0.0625 = 1.5: 1 + 6
  const auto b = network.weights(Tensor::of_integers(ElementType::int32, {2}, {12, 26}), {0.0625f}, 0, {2});
  EXPECT_THAT(codes_of(network, network.node("Conv", {x, w, b}, convolution({1, 1})), int8(0.25f)), ElementsAre(4, 7));
}

TEST(Convolution, RefusesAccumulatorsBeyond32Bits) {
  QuantizedNetwork network;
  const std::int64_t channels = 66400;  // times 255 * 127 is a little more than 2^31
  const auto x = network.activation({1, channels, 1, 1}, uint8(1.0f), std::vector<int>(channels, 0));
  const auto w = network.weights(codes8({1, channels, 1, 1}, std::vector<std::int64_t>(channels, 127)), {1.0f}, 0);
  const auto y = network.node("Conv", {x, w}, convolution({1, 1}));
  try {
    codes_of(network, y, int8(1.0f));
    FAIL();
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), HasSubstr("32-bit accumulator"));
    EXPECT_THAT(error.what(), HasSubstr("test.onnx"));
  }
}

TEST(Convolution, RefusesFloatWeights) {
  QuantizedNetwork network;
  const auto x = network.activation({1, 1, 1, 1}, uint8(1.0f), {0});
  const auto y = network.node("Conv", {x, network.constant(Tensor::of_floats({1, 1, 1, 1}, {1}))}, convolution({1, 1}));
  EXPECT_THROW(codes_of(network, y, int8(1.0f)), Error);
}

TEST(Gemm, TakesWeightsEitherWayRound) {
  for (bool transposed : {false, true}) {
    QuantizedNetwork network;
    const auto x = network.activation({1, 3}, uint8(1.0f), {1, 2, 3});
    // Output 0: 1 + 4 + 9 = 14 at M = 1; output 1: -1 + 0 + 3 = 2, bias 5, at M = 0.5: 3.5 -> 4
    const auto w = transposed ? network.weights(codes8({2, 3}, {1, 2, 3, -1, 0, 1}), {1.0f, 0.5f}, 0)
                              : network.weights(codes8({3, 2}, {1, -1, 2, 0, 3, 1}), {1.0f, 0.5f}, 1);
    const auto b = network.weights(Tensor::of_integers(ElementType::int32, {2}, {0, 5}), {1.0f, 0.5f}, 0);
    const auto y = network.node("Gemm", {x, w, b}, {{"transB", std::int64_t{transposed}}});
    EXPECT_THAT(codes_of(network, y, uint8(1.0f)), ElementsAre(14, 4)) << transposed;
  }
}

TEST(MatMul, TakesSeveralRows) {
  QuantizedNetwork network;
  const auto x = network.activation({2, 2}, uint8(1.0f), {1, 2, 3, 4});
  const auto w = network.weights(codes8({2, 3}, {1, 0, 1, 0, 1, -1}), {1.0f}, 0);
  EXPECT_THAT(codes_of(network, network.node("MatMul", {x, w}), int8(1.0f)), ElementsAre(1, 2, -1, 3, 4, -1));
}

}  // namespace
}  // namespace northpole::reference
