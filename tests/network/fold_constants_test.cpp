#include "network/fold_constants.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "network/error.h"
#include "network/rewrites.h"
#include "support/network_builder.h"

namespace northpole::network {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::ThrowsMessage;

std::vector<double> numbers(const Tensor& tensor) {
  std::vector<double> values;
  for (std::int64_t i = 0; i < tensor.size(); ++i) values.push_back(tensor.number(i));
  return values;
}

std::vector<double> folded(NetworkBuilder builder) {
  builder.output("y");
  fold_constants(builder.graph);
  EXPECT_TRUE(builder.graph.nodes.empty());
  return numbers(builder.graph.constants.at("y"));
}

// What exporters write for x.view(x.size(0), -1).
TEST(FoldConstants, TheTailOfAFlattening) {
  NetworkBuilder builder;
  builder.input("x", {2, 3, 4}).integers("zero", {0}).integers("rest", {-1});
  builder.node("Shape", {"x"}, {"shape"})
      .node("Gather", {"shape", "zero"}, {"batch"})
      .node("Concat", {"batch", "rest"}, {"target"}, {{"axis", std::int64_t{0}}});
  builder.node("Reshape", {"x", "target"}, {"y"}).output("y");
  EXPECT_TRUE(fold_constants(builder.graph));
  EXPECT_THAT(operators_of(builder.graph), ElementsAre("Reshape"));
  EXPECT_EQ(builder.graph.outputs[0].shape, (Shape{2, 12}));
  EXPECT_FALSE(fold_constants(builder.graph)) << "nothing is left to fold";
}

TEST(FoldConstants, Movements) {
  const auto grid = NetworkBuilder().counting("c", {2, 3});
  EXPECT_THAT(folded(NetworkBuilder(grid).node("Transpose", {"c"}, {"y"})), ElementsAre(1, 4, 2, 5, 3, 6));
  EXPECT_THAT(
      folded(NetworkBuilder(grid).node(
          "Slice", {"c"}, {"y"}, {{"starts", Ints{2}}, {"ends", Ints{-9}}, {"axes", Ints{1}}, {"steps", Ints{-2}}})),
      ElementsAre(3, 1, 6, 4));
  EXPECT_THAT(folded(NetworkBuilder(grid).node("Pad", {"c"}, {"y"}, {{"pads", Ints{0, 1, 0, -1}}, {"value", 9.0f}})),
              ElementsAre(9, 1, 2, 9, 4, 5));
  EXPECT_THAT(folded(NetworkBuilder(grid).node("Concat", {"c", "c"}, {"y"}, {{"axis", std::int64_t{1}}})),
              ElementsAre(1, 2, 3, 1, 2, 3, 4, 5, 6, 4, 5, 6));
  EXPECT_THAT(
      folded(
          NetworkBuilder(grid).integers("i", {-1, 0}).node("Gather", {"c", "i"}, {"y"}, {{"axis", std::int64_t{1}}})),
      ElementsAre(3, 1, 6, 4));
  EXPECT_THAT(folded(NetworkBuilder(grid).integers("r", {1, 2}).node("Tile", {"c", "r"}, {"y"})),
              ElementsAre(1, 2, 3, 1, 2, 3, 4, 5, 6, 4, 5, 6));
  EXPECT_THAT(folded(NetworkBuilder().counting("c", {2, 1}).integers("s", {1, 2}).node("Expand", {"c", "s"}, {"y"})),
              ElementsAre(1, 1, 2, 2));
}

TEST(FoldConstants, Arithmetic) {
  const auto two = NetworkBuilder().integers("a", {7, -7}).integers("b", {2});
  EXPECT_THAT(folded(NetworkBuilder(two).node("Div", {"a", "b"}, {"y"})), ElementsAre(3, -3));
  EXPECT_THAT(folded(NetworkBuilder(two).node("Mod", {"a", "b"}, {"y"})), ElementsAre(1, 1));
  EXPECT_THAT(folded(NetworkBuilder(two).node("Equal", {"a", "b"}, {"y"})), ElementsAre(0, 0));
  EXPECT_THAT(folded(NetworkBuilder(two).node("ReduceProd", {"a"}, {"y"}, {{"keepdims", std::int64_t{0}}})),
              ElementsAre(-49));
  EXPECT_THAT(folded(NetworkBuilder().floats("a", {2}, {2, 3}).node("Sqrt", {"a"}, {"y"})),
              ElementsAre(std::sqrt(2.0f), std::sqrt(3.0f)));
  EXPECT_THAT(
      folded(NetworkBuilder().floats("a", {2}, {1.5f, -1.5f}).node("Cast", {"a"}, {"y"}, {{"to", std::int64_t{7}}})),
      ElementsAre(1, -1));
  EXPECT_THAT(
      [&] {
        folded(NetworkBuilder(two).integers("z", {0}).node("Div", {"a", "z"}, {"y"}));
      },
      ThrowsMessage<Error>(HasSubstr("divides by zero")));
}

TEST(FoldConstants, LeavesQuantizationAlone) {
  NetworkBuilder builder;
  builder.counting("w", {2}).floats("s", {}, {0.5f}).constant("z", Tensor::of_integers(ElementType::int8, {}, {0}));
  builder.node("QuantizeLinear", {"w", "s", "z"}, {"q"}).node("DequantizeLinear", {"q", "s", "z"}, {"y"}).output("y");
  EXPECT_FALSE(fold_constants(builder.graph));
  EXPECT_THAT(operators_of(builder.graph), ElementsAre("QuantizeLinear", "DequantizeLinear"));
}

TEST(FoldConstants, RefusesHugeResultsBeforeMakingThem) {
  EXPECT_THROW(folded(NetworkBuilder().integers("s", {1 << 20, 1 << 19}).node("ConstantOfShape", {"s"}, {"y"})), Error);
  EXPECT_THROW(folded(NetworkBuilder().integers("s", {-1}).node("ConstantOfShape", {"s"}, {"y"})), Error);
  EXPECT_THROW(
      folded(NetworkBuilder().counting("c", {1}).integers("s", {1 << 30, 1}).node("Expand", {"c", "s"}, {"y"})), Error);
  EXPECT_THROW(folded(NetworkBuilder()
                          .constant("a", Tensor::of_integers(ElementType::int64, {}, {0}))
                          .constant("b", Tensor::of_integers(ElementType::int64, {}, {INT64_MAX}))
                          .constant("c", Tensor::of_integers(ElementType::int64, {}, {1}))
                          .node("Range", {"a", "b", "c"}, {"y"})),
               Error);
}

TEST(QuantizeConstants, GivesCodesByChannel) {
  NetworkBuilder builder;
  builder.floats("w", {2, 2}, {0.5f, 1.5f, 100, -0.25f})
      .floats("s", {2}, {1, 0.5f})
      .constant("z", Tensor::of_integers(ElementType::int8, {2}, {0, 3}));
  builder.node("QuantizeLinear", {"w", "s", "z"}, {"q"}, {{"axis", std::int64_t{0}}})
      .node("DequantizeLinear", {"q", "s", "z"}, {"y"}, {{"axis", std::int64_t{0}}})
      .output("y");
  fold_constants(builder.graph);
  EXPECT_TRUE(quantize_constants(builder.graph));
  EXPECT_THAT(operators_of(builder.graph), ElementsAre("DequantizeLinear"));
  // Halves to even: 0.5 to 0, 1.5 to 2, -0.5 to 0; 200 + 3 saturates.
  EXPECT_THAT(numbers(builder.graph.constants.at("q")), ElementsAre(0, 2, 127, 3));
}

// The one cast that rounds, and what does not fit keeps its low bits.
TEST(FoldConstants, CastsToNarrowIntegersRoundToEven) {
  const auto values = NetworkBuilder().floats("c", {5}, {0.5f, 1.5f, -1.7f, 7.4f, 8.0f});
  const auto cast = [&](std::int64_t type) {
    return folded(NetworkBuilder(values).node("Cast", {"c"}, {"y"}, {{"to", type}}));
  };
  EXPECT_THAT(cast(22), ElementsAre(0, 2, -2, 7, -8));
  EXPECT_THAT(cast(21), ElementsAre(0, 2, 14, 7, 8));
  EXPECT_THAT(cast(26), ElementsAre(0, -2, -2, -1, 0));
  EXPECT_THAT(cast(25), ElementsAre(0, 2, 2, 3, 0));
  EXPECT_THAT(cast(3), ElementsAre(0, 1, -1, 7, 8)) << "int8";
}

TEST(FoldConstants, QuantizingAConstantSaturatesToItsWidth) {
  const std::pair<ElementType, std::vector<double>> cases[] = {{ElementType::int4, {-8, -8, -1, 1, 7, 7}},
                                                               {ElementType::uint4, {0, 0, 0, 1, 8, 15}},
                                                               {ElementType::int2, {-2, -2, -1, 1, 1, 1}},
                                                               {ElementType::uint2, {0, 0, 0, 1, 3, 3}}};
  for (const auto& [type, expected] : cases) {
    NetworkBuilder builder;
    builder.floats("c", {6}, {-1e9f, -4.25f, -0.5f, 0.5f, 4, 99}).floats("s", {}, {0.5f});
    builder.constant("z", Tensor::of_integers(type, {}, {0}));
    builder.node("QuantizeLinear", {"c", "s", "z"}, {"y"}).output("y");
    quantize_constants(builder.graph);
    EXPECT_EQ(numbers(builder.graph.constants.at("y")), expected) << element_name(type);
  }
}

}  // namespace
}  // namespace northpole::network
