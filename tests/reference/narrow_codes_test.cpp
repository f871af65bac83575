// Activations and weights of 4 and 2 bit: what every operator makes of them, and that they saturate to their range.
#include <gmock/gmock.h>

#include <algorithm>
#include <cmath>

#include "network/error.h"
#include "network/infer_shapes.h"
#include "support/quantized_network.h"

namespace northpole::reference {
namespace {

using network::ElementType;
using network::Tensor;
using testing::ElementsAre;
using testing::HasSubstr;
using Codes = QuantizedNetwork::Codes;

Quantization of(ElementType type, float scale, int zero_point = 0) { return {type, scale, zero_point}; }

constexpr ElementType narrow_types[] = {ElementType::int4, ElementType::uint4, ElementType::int2, ElementType::uint2};

TEST(NarrowCodes, FloatsSaturateOnTheWayIn) {
  for (const ElementType type : narrow_types) {
    const int low = network::lowest_code(type), high = network::highest_code(type);
    for (int zero_point = low; zero_point <= high; ++zero_point) {
      QuantizedNetwork network;
      const auto x = network.input({5}, {-1e30f, -0.24f, 0.25f, 0.75f, 1e30f});
      const auto clamp = [&](int code) { return std::clamp(code, low, high); };
      // -0.48, 0.5 and 1.5 steps: ties go to the even step, whatever the zero point.
      EXPECT_THAT(codes_of(network, x, of(type, 0.5f, zero_point)),
                  ElementsAre(low, zero_point, zero_point, clamp(zero_point + 2), high))
          << network::element_name(type) << " " << zero_point;
    }
  }
}

TEST(NarrowCodes, EveryCodeOfEveryWidthRequantizesToEveryOther) {
  const ElementType all[] = {ElementType::int8,  ElementType::uint8, ElementType::int4,
                             ElementType::uint4, ElementType::int2,  ElementType::uint2};
  for (const ElementType from : all) {
    Codes codes;
    for (int code = network::lowest_code(from); code <= network::highest_code(from); ++code) codes.push_back(code);
    for (const ElementType to : all) {
      QuantizedNetwork network;
      const auto x = network.activation({static_cast<std::int64_t>(codes.size())}, of(from, 1.0f), codes);
      const Codes given = codes_of(network, x, of(to, 1.0f, 1));
      ASSERT_EQ(given.size(), codes.size());
      for (std::size_t i = 0; i < codes.size(); ++i)
        EXPECT_EQ(given[i], std::clamp(codes[i] + 1, network::lowest_code(to), network::highest_code(to)));
    }
  }
}

TEST(NarrowCodes, ConvolutionOfNarrowWeightsAndActivations) {
  QuantizedNetwork network;
  auto attributes = window({1, 1});
  attributes["group"] = std::int64_t{1};
  const auto x = network.activation({1, 3, 1, 2}, of(ElementType::uint4, 0.5f, 3), {15, 0, 0, 15, 3, 4});
  const auto w =
      network.weights(Tensor::of_integers(ElementType::int2, {2, 3, 1, 1}, {1, -2, 1, -2, 1, 0}), {0.25f, 1.0f}, 0);
  // x' = (12, -3, 0) and (-3, 12, 1); sums 18 and -26, -27 and 18. M = 0.125 and 0.5:
  // 2.25, -3.25 and -13.5, 9.
  const auto y = network.node("Conv", {x, w}, attributes);
  EXPECT_THAT(codes_of(network, y, of(ElementType::int4, 1.0f)), ElementsAre(2, -3, -8, 7));
}

TEST(NarrowCodes, AReluAndAClipNarrowTheRangeFurther) {
  QuantizedNetwork network;
  const auto x = network.activation({4}, of(ElementType::int4, 1.0f), {-8, -1, 2, 7});
  EXPECT_THAT(codes_of(network, network.node("Relu", {x}), of(ElementType::int4, 1.0f, -8)),
              ElementsAre(-8, -8, -6, -1));
  QuantizedNetwork clipped;
  const auto z = clipped.activation({4}, of(ElementType::int4, 1.0f), {-8, -1, 2, 7});
  EXPECT_THAT(
      codes_of(clipped, clipped.node("Clip", {z}, {{"min", -1.0f}, {"max", 1.0f}}), of(ElementType::int2, 1.0f)),
      ElementsAre(-1, -1, 1, 1));
}

TEST(NarrowCodes, SumsOfDifferentWidths) {
  QuantizedNetwork network;
  const auto a = network.activation({4}, of(ElementType::int8, 0.25f), {-128, -4, 4, 127});
  const auto b = network.activation({4}, of(ElementType::uint4, 0.5f), {0, 15, 1, 15});
  // -32, 6.5, 1.5, 39.25
  EXPECT_THAT(codes_of(network, network.node("Add", {a, b}), of(ElementType::int4, 1.0f)), ElementsAre(-8, 6, 2, 7));
}

TEST(NarrowCodes, TheMaximumOfAWindowWithPadding) {
  QuantizedNetwork network;
  const auto x = network.activation({1, 1, 1, 2}, of(ElementType::int2, 1.0f), {-2, -1});
  const auto y = network.node("MaxPool", {x}, window({1, 2}, {1, 1}, {0, 1, 0, 0}));
  EXPECT_THAT(codes_of(network, y, of(ElementType::int2, 1.0f)), ElementsAre(-2, -1));
}

TEST(NarrowCodes, FunctionsAreTablesOfTheirFewCodes) {
  for (const ElementType type : narrow_types) {
    QuantizedNetwork network;
    Codes codes;
    for (int code = network::lowest_code(type); code <= network::highest_code(type); ++code) codes.push_back(code);
    const auto x = network.activation({static_cast<std::int64_t>(codes.size())}, of(type, 2.0f), codes);
    const Codes given = codes_of(network, network.node("LeakyRelu", {x}, {{"alpha", 0.5f}}), of(type, 2.0f));
    for (std::size_t i = 0; i < codes.size(); ++i) {
      const int expected = codes[i] >= 0 ? codes[i] : static_cast<int>(std::nearbyint(codes[i] * 0.5));
      EXPECT_EQ(given[i], expected) << network::element_name(type) << " " << codes[i];
    }
  }
}

TEST(NarrowCodes, AreGivenBackAsAnOutput) {
  QuantizedNetwork network;
  const auto x = network.activation({3}, of(ElementType::int2, 1.0f), {-2, 0, 1});
  network.output(x);
  EXPECT_EQ(network.run().begin()->second.number(0), -2);
}

TEST(NarrowCodes, InputsOutsideTheirTypeAreRefused) {
  QuantizedNetwork network;
  const auto x = network.activation({2}, of(ElementType::int4, 1.0f), {0, 7});
  network.output(network.quantize(x, of(ElementType::int4, 1.0f)));
  network::infer_shapes(network.graph);
  const QuantizedInterpreter interpreter(network.graph, Precision::fp16);
  Tensor wrong = Tensor::of_integers(ElementType::int4, {2}, {0, 7});
  wrong.bytes[1] = 8;
  const std::string input = interpreter.graph().inputs[0].name;
  EXPECT_THAT(
      [&] {
        interpreter.run({{input, wrong}});
      },
      testing::ThrowsMessage<Error>(HasSubstr("holds 8, which is no int4")));
}

}  // namespace
}  // namespace northpole::reference
