// Pools, movements, the graph's ends and what is refused: docs/numerics.md worked out by hand.
#include <gmock/gmock.h>

#include "network/error.h"
#include "support/quantized_network.h"

namespace northpole::reference {
namespace {

using network::ElementType;
using network::Tensor;
using testing::ElementsAre;
using testing::HasSubstr;
using Integers = std::vector<std::int64_t>;

TEST(MaxPool, NeverPicksThePadding) {
  QuantizedNetwork network;
  const auto x = network.activation({1, 1, 1, 3}, int8(1.0f, 5), {-100, -50, -70});
  const auto pooled = network.node("MaxPool", {x}, window({1, 3}, {1, 2}, {0, 1, 0, 1}));
  EXPECT_THAT(codes_of(network, pooled, int8(1.0f, 5)), ElementsAre(-50, -50));
}

TEST(MaxPool, RequantizesWhatItPicked) {
  QuantizedNetwork network;
  const auto x = network.activation({1, 1, 2, 2}, uint8(1.0f, 2), {3, 4, 8, 7});
  EXPECT_THAT(codes_of(network, network.node("MaxPool", {x}, window({2, 2})), uint8(2.0f, 1)), ElementsAre(4));
}

TEST(AveragePool, CountsThePaddingOrNot) {
  for (std::int64_t count_padding : {0, 1}) {
    QuantizedNetwork network;
    const auto x = network.activation({1, 1, 1, 4}, uint8(1.0f, 1), {11, 21, 31, 41});  // 10 20 30 40
    auto attributes = window({1, 2}, {1, 2}, {0, 1, 0, 1});
    attributes["count_include_pad"] = count_padding;
    // Windows: (pad, 10), (20, 30), (40, pad)
    const auto codes = codes_of(network, network.node("AveragePool", {x}, attributes), uint8(1.0f));
    if (count_padding)
      EXPECT_THAT(codes, ElementsAre(5, 25, 20));
    else
      EXPECT_THAT(codes, ElementsAre(10, 25, 40));
  }
}

TEST(GlobalAveragePool, IsAnExactSumTimesOneMultiplier) {
  for (const char* op : {"GlobalAveragePool", "ReduceMean"}) {
    QuantizedNetwork network;
    const auto x = network.activation({1, 2, 1, 2}, int8(0.5f), {1, 2, -7, -8});
    QuantizedNetwork::Attributes attributes;
    if (op == std::string("ReduceMean")) attributes = {{"axes", Integers{2, 3}}, {"keepdims", std::int64_t{1}}};
    // M = 0.5 / (0.25 * 2) = 1: the sums 3 and -15
    EXPECT_THAT(codes_of(network, network.node(op, {x}, attributes), int8(0.25f, 10)), ElementsAre(13, -5)) << op;
  }
}

TEST(Movement, CarriesItsQuantizationOnToTheNextOperator) {
  QuantizedNetwork network;
  const auto x = network.activation({1, 1, 2, 3}, int8(0.5f, -1), {1, 2, 3, 4, 5, 6});
  const auto turned = network.node("Transpose", {x}, {{"perm", Integers{0, 1, 3, 2}}});  // 1 4 / 2 5 / 3 6
  const auto sliced = network.node(
      "Slice", {turned},
      {{"axes", Integers{2}}, {"starts", Integers{0}}, {"ends", Integers{3}}, {"steps", Integers{2}}});  // 1 4 / 3 6
  // Padded by a column of 1.1 on the left: rne(1.1 / 0.5) - 1 = 1
  const auto padded = network.node("Pad", {sliced}, {{"pads", Integers{0, 0, 0, 1, 0, 0, 0, 0}}, {"value", 1.1f}});
  const auto shaped = network.node("Reshape", {padded}, {{"shape", Integers{1, 6}}});
  EXPECT_THAT(codes_of(network, shaped, int8(0.5f, -1)), ElementsAre(1, 1, 4, 1, 3, 6));
}

TEST(Movement, ResizesBySourceIndicesAndSplits) {
  QuantizedNetwork network;
  const auto x = network.activation({1, 2, 1, 2}, uint8(1.0f), {1, 2, 3, 4});
  network.node("Split", {x}, {{"axis", std::int64_t{1}}, {"split", Integers{1, 1}}}, 2);
  const auto second = network.graph.nodes.back().outputs[1];
  const auto larger = network.node("Resize", {second},
                                   {{"height_index", Integers{0, 0}},
                                    {"width_index", Integers{0, 0, 1}},
                                    {"scales", std::vector<float>{1, 1, 2, 1.5f}}});
  EXPECT_THAT(codes_of(network, larger, uint8(1.0f)), ElementsAre(3, 3, 4, 3, 3, 4));
}

TEST(Concat, MovesEquallyQuantizedInputsAndRequantizesOthers) {
  for (float other : {1.0f, 0.5f}) {
    QuantizedNetwork network;
    const auto a = network.activation({1, 1, 1, 2}, uint8(1.0f), {10, 20});
    const auto b = network.activation({1, 2, 1, 2}, uint8(other), {2, 4, 6, 9});
    const auto joined = network.node("Concat", {a, b}, {{"axis", std::int64_t{1}}});
    const auto codes = codes_of(network, joined, uint8(1.0f));
    if (other == 1.0f)
      EXPECT_THAT(codes, ElementsAre(10, 20, 2, 4, 6, 9));
    else
      EXPECT_THAT(codes, ElementsAre(10, 20, 1, 2, 3, 4));  // 4.5 -> 4
  }
}

TEST(Ends, QuantizeTheInputOnTheHostAndGiveRealNumbersBack) {
  QuantizedNetwork network;
  const auto x = network.input({4}, {-10.0f, 0.25f, 0.75f, 100.0f});
  const auto quantized = network.quantize(x, uint8(0.5f, 2));
  network.output(quantized);
  const auto outputs = network.run();
  EXPECT_THAT(network.codes.at(quantized), ElementsAre(0, 2, 4, 202));  // 0.5 -> 0, 1.5 -> 2
  const Tensor& real = outputs.at(quantized);
  EXPECT_THAT(std::vector<float>(real.data<float>(), real.data<float>() + 4), ElementsAre(-1.0f, 0.0f, 1.0f, 100.0f));
}

TEST(Ends, SoftmaxAndArgMaxAreTheHosts) {
  QuantizedNetwork network;
  const auto x = network.activation({1, 3}, uint8(1.0f), {1, 3, 2});
  const auto shares = network.node("Softmax", {x}, {{"axis", std::int64_t{1}}});
  const auto best =
      network.node("ArgMax", {shares},
                   {{"axis", std::int64_t{1}}, {"keepdims", std::int64_t{0}}, {"select_last_index", std::int64_t{0}}});
  network.output(shares);
  network.output(best);
  const auto outputs = network.run();
  EXPECT_NEAR(outputs.at(shares).number(1), 0.66524, 1e-5);
  EXPECT_EQ(outputs.at(best).integer(0), 1);
}

TEST(Refused, OperatorsWithoutAQuantizeLinearBehindThem) {
  QuantizedNetwork network;
  const auto x = network.activation({1, 1, 1, 2}, uint8(1.0f), {1, 2});
  network.output(network.node("Sigmoid", {x}));
  try {
    network.run();
    FAIL();
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), HasSubstr("Sigmoid"));
    EXPECT_THAT(error.what(), HasSubstr("QuantizeLinear"));
  }
}

TEST(Refused, InputsOfTheWrongShape) {
  QuantizedNetwork network;
  network.output(network.quantize(network.input({2}, {1, 2}), int8(1.0f)));
  network.graph.inputs[0].shape = {3};
  EXPECT_THROW(network.run(), Error);
}

}  // namespace
}  // namespace northpole::reference
