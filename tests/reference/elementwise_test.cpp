// Add, Sub, Mul and the activation functions of docs/numerics.md, worked out by hand.
#include <gmock/gmock.h>

#include "network/error.h"
#include "support/quantized_network.h"

namespace northpole::reference {
namespace {

using network::Tensor;
using testing::ElementsAre;

TEST(Add, RoundsEachOperandAndTheSumToHalf) {
  for (Precision precision : {Precision::fp16, Precision::fp32}) {
    QuantizedNetwork network;
    const auto a = network.activation({1, 1, 1, 3}, uint8(0.5f, 4), {4, 5, 254});  // 0, 1, 250
    const auto b = network.activation({1, 1, 1, 3}, int8(0.3f), {1, -4, 100});
    // ka = 0.5; kb = f32(0.3) = 0.300000012 or, as a half, 1229 / 4096 = 0.300048828.
    // 0 + 0.3 -> 0; 0.5 - 1.2 -> -1; 125 + 30.0 = 155.0
    EXPECT_THAT(codes_of(network, network.node("Add", {a, b}), uint8(1.0f, 50), precision), ElementsAre(50, 49, 205));
  }
}

TEST(Add, ShowsWhichPrecisionItUses) {
  auto sum = [](Precision precision) {
    QuantizedNetwork network;
    const auto a = network.activation({1}, uint8(0.1f), {255});
    const auto c = network.constant(Tensor::of_floats({}, {0.01f}));
    // 255 * 0.625 = 159.375 and 0.01 / 0.16 = 0.0625: 159.4375. Halves from 128 to 256 are multiples of 0.125, so there
    // it becomes the even one of 159.375 (1275 eighths) and 159.5 (1276 eighths), and 159.5 becomes 160.
    return codes_of(network, network.node("Add", {a, c}), uint8(0.16f), precision)[0];
  };
  EXPECT_EQ(sum(Precision::fp16), 160);
  EXPECT_EQ(sum(Precision::fp32), 159);
}

TEST(Sub, OfTwoAndOfAConstantOnEitherSide) {
  {
    QuantizedNetwork network;
    const auto a = network.activation({2}, uint8(1.0f), {9, 1});
    const auto b = network.activation({2}, uint8(2.0f), {1, 3});
    EXPECT_THAT(codes_of(network, network.node("Sub", {a, b}), int8(1.0f)), ElementsAre(7, -5));
  }
  const auto c = Tensor::of_floats({}, {3.0f});
  {
    QuantizedNetwork network;
    const auto a = network.activation({2}, uint8(0.5f), {9, 1});
    EXPECT_THAT(codes_of(network, network.node("Sub", {a, network.constant(c)}), int8(0.5f)), ElementsAre(3, -5));
  }
  {
    QuantizedNetwork network;
    const auto a = network.activation({2}, uint8(0.5f), {9, 1});
    EXPECT_THAT(codes_of(network, network.node("Sub", {network.constant(c), a}), int8(0.5f)), ElementsAre(-3, 5));
  }
}

TEST(Mul, OfTwoActivationsBroadcastsByChannel) {
  QuantizedNetwork network;
  const auto a = network.activation({1, 2, 1, 2}, uint8(0.5f), {1, 2, 3, 4});
  const auto gate = network.activation({1, 2, 1, 1}, uint8(1.0f / 256), {128, 64});
  // k = 0.5 / 256 / 0.125 = 1 / 64: channel 0 gives a' * 2, channel 1 a' * 1.
  EXPECT_THAT(codes_of(network, network.node("Mul", {a, gate}), uint8(0.125f)), ElementsAre(2, 4, 3, 4));
}

TEST(Mul, WithAConstantByChannelBehindADequantizeLinear) {
  QuantizedNetwork network;
  const auto a = network.activation({1, 2, 1, 1}, int8(1.0f), {-10, 10});
  // 3 * 0.5 = 1.5 and -4 * 0.5 = -2
  const auto c = network.weights(Tensor::of_integers(network::ElementType::int8, {1, 2, 1, 1}, {3, -4}), {0.5f}, 0);
  EXPECT_THAT(codes_of(network, network.node("Mul", {c, a}), int8(1.0f)), ElementsAre(-15, -20));
}

TEST(Elementwise, RefusesRatiosThatVanishOrOverflowInHalf) {
  for (const auto& [sa, sy] : {std::pair{1e-6f, 100.0f}, std::pair{1e4f, 1e-3f}}) {
    QuantizedNetwork network;
    const auto a = network.activation({1}, uint8(sa), {1});
    const auto b = network.activation({1}, uint8(sy), {1});
    const auto y = network.node("Add", {a, b});
    EXPECT_THROW(codes_of(network, y, uint8(sy)), Error);
  }
}

TEST(Elementwise, LetsConstantOperandsVanish) {
  QuantizedNetwork network;
  const auto a = network.activation({2}, uint8(1.0f), {1, 2});
  const auto c = network.constant(Tensor::of_floats({2}, {1e-12f, 3.0f}));
  EXPECT_THAT(codes_of(network, network.node("Add", {a, c}), uint8(1.0f)), ElementsAre(1, 5));
}

TEST(Relu, AloneRequantizes) {
  QuantizedNetwork network;
  const auto x = network.activation({4}, int8(1.0f, 1), {-100, 1, 2, 4});  // -101, 0, 1, 3
  EXPECT_THAT(codes_of(network, network.node("Relu", {x}), uint8(2.0f, 5)),
              ElementsAre(5, 5, 5, 7));  // 0.5 -> 0, 1.5 -> 2
}

TEST(Requantize, KeepsCodesOfEqualQuantizationAndScalesOthers) {
  QuantizedNetwork network;
  const auto x = network.activation({3}, int8(0.1f, 3), {-128, 0, 127});
  const auto same = network.quantize(x, int8(0.1f, 3));
  EXPECT_THAT(codes_of(network, same, uint8(0.2f, 60)),
              ElementsAre(0, 58, 122));  // -65.5 -> -66 clamped; -1.5 -> -2; 62
  EXPECT_THAT(network.codes.at(same), ElementsAre(-128, 0, 127));
}

TEST(LeakyRelu, HasTwoSlopes) {
  QuantizedNetwork network;
  const auto x = network.activation({3}, int8(1.0f), {-100, 0, 100});
  EXPECT_THAT(codes_of(network, network.node("LeakyRelu", {x}, {{"alpha", 0.25f}}), int8(1.0f)),
              ElementsAre(-25, 0, 100));
}

TEST(Sigmoid, OfHalvesOfV) {
  QuantizedNetwork network;
  const auto x = network.activation({5}, int8(0.125f), {-128, -8, 0, 8, 127});
  // v = -16, -1, 0, 1, 15.875; w = 1.1e-7, 0.26894, 0.5, 0.73106, 1; times 256: 0, 68.85, 128, 187.15, 256 -> 255
  EXPECT_THAT(codes_of(network, network.node("Sigmoid", {x}), uint8(1.0f / 256)), ElementsAre(0, 69, 128, 187, 255));
}

TEST(HardSigmoid, RoundsAlphaToHalf) {
  QuantizedNetwork network;
  const auto x = network.activation({4}, int8(1.0f), {-3, -1, 1, 3});
  // alpha = 0.2 is 0.199951 as a half: 0, 0.300049, 0.699951, 1; as codes of 1 / 1000 from 0: 300.0, 700.0 -> beyond
  // uint8, so of 1 / 200: 0, 60.01, 139.99, 200
  EXPECT_THAT(codes_of(network, network.node("HardSigmoid", {x}, {{"alpha", 0.2f}, {"beta", 0.5f}}), uint8(0.005f)),
              ElementsAre(0, 60, 140, 200));
}

TEST(HardSwish, IsVTimesHardSigmoid) {
  QuantizedNetwork network;
  const auto x = network.activation({5}, int8(0.5f), {-10, -3, 0, 3, 10});
  // v = -5, -1.5, 0, 1.5, 5; h = 0, 0.25, 0.5, 0.75, 1; w = 0, -0.375, 0, 1.125, 5; times 8: 0, -3, 0, 9, 40
  EXPECT_THAT(codes_of(network, network.node("HardSwish", {x}), int8(0.125f)), ElementsAre(0, -3, 0, 9, 40));
}

}  // namespace
}  // namespace northpole::reference
