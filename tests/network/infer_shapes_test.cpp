#include "network/infer_shapes.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "network/error.h"
#include "support/network_builder.h"

namespace northpole::network {
namespace {

using testing::HasSubstr;
using testing::ThrowsMessage;

Shape inferred(NetworkBuilder builder, const std::string& value = "y") {
  infer_shapes(builder.graph);
  return builder.graph.values.at(value).shape;
}

Shape convolved(const Shape& input, const Shape& weights, const NetworkBuilder::Attributes& attributes) {
  return inferred(NetworkBuilder()
                      .input("x", input)
                      .counting("w", weights)
                      .node("Conv", {"x", "w"}, {"y"}, attributes)
                      .output("y"));
}

Shape pooled(const Shape& input, const NetworkBuilder::Attributes& attributes) {
  return inferred(NetworkBuilder().input("x", input).node("MaxPool", {"x"}, {"y"}, attributes).output("y"));
}

TEST(InferShapes, Convolution) {
  EXPECT_EQ(convolved({1, 3, 8, 9}, {4, 3, 3, 3}, {}), (Shape{1, 4, 6, 7}));
  EXPECT_EQ(convolved({1, 3, 8, 9}, {4, 3, 3, 3}, {{"pads", Ints{1, 1, 1, 1}}, {"strides", Ints{2, 2}}}),
            (Shape{1, 4, 4, 5}));
  EXPECT_EQ(convolved({1, 3, 8, 9}, {4, 3, 3, 3}, {{"dilations", Ints{2, 3}}}), (Shape{1, 4, 4, 3}));
  EXPECT_EQ(convolved({2, 6, 8, 8}, {6, 1, 3, 3}, {{"group", std::int64_t{6}}}), (Shape{2, 6, 6, 6}));
  EXPECT_EQ(convolved({1, 3, 8, 9}, {4, 3, 3, 3}, {{"auto_pad", std::string("SAME_UPPER")}, {"strides", Ints{2, 2}}}),
            (Shape{1, 4, 4, 5}));
  EXPECT_EQ(convolved({1, 3, 9}, {4, 3, 3}, {}), (Shape{1, 4, 7}));
}

TEST(InferShapes, RefusesConvolutionsThatDoNotFit) {
  EXPECT_THAT([] { convolved({1, 3, 8, 8}, {4, 2, 3, 3}, {}); }, ThrowsMessage<Error>(HasSubstr("node 'y' (Conv)")));
  EXPECT_THROW(convolved({1, 3, 2, 2}, {4, 3, 3, 3}, {}), Error);
  EXPECT_THROW(convolved({1, 3, 8, 8}, {4, 3, 3, 3}, {{"strides", Ints{0, 1}}}), Error);
  EXPECT_THROW(convolved({1, 3, 8, 8}, {4, 3, 3, 3}, {{"pads", Ints{1, 1, 1}}}), Error);
  EXPECT_THROW(convolved({1, 3, 8, 8}, {4, 3, 3, 3}, {{"pads", Ints{1, 1, 1, -9}}}), Error);
  EXPECT_THROW(convolved({1, 3, 8, 8}, {4, 3, 3, 3}, {{"dilations", Ints{INT64_MAX, 1}}}), Error);
  EXPECT_THROW(convolved({1, 3, 8, 8}, {4, 3, 3, 3}, {{"kernel_shape", Ints{5, 5}}}), Error);
  EXPECT_THROW(convolved({1, 3, 8, 8}, {4, 3, 3, 3}, {{"strides", 2.0f}}), Error);
}

TEST(InferShapes, CeilingAddsAWindowOnlyIfItBeginsInside) {
  const NetworkBuilder::Attributes floor = {{"kernel_shape", Ints{3, 3}}, {"strides", Ints{2, 2}}};
  auto ceiling = floor;
  ceiling["ceil_mode"] = std::int64_t{1};
  EXPECT_EQ(pooled({1, 1, 8, 7}, floor), (Shape{1, 1, 3, 3}));
  EXPECT_EQ(pooled({1, 1, 8, 7}, ceiling), (Shape{1, 1, 4, 3}));
  // 2 elements, windows of 1 every 3: the second would begin behind the end.
  EXPECT_EQ(
      pooled({1, 1, 2, 2}, {{"kernel_shape", Ints{1, 1}}, {"strides", Ints{3, 3}}, {"ceil_mode", std::int64_t{1}}}),
      (Shape{1, 1, 1, 1}));
}

TEST(InferShapes, ReshapeCopiesAndCompletes) {
  const auto reshaped = [](const Ints& shape) {
    return inferred(
        NetworkBuilder().input("x", {2, 3, 4}).integers("s", shape).node("Reshape", {"x", "s"}, {"y"}).output("y"));
  };
  EXPECT_EQ(reshaped({0, -1}), (Shape{2, 12}));
  EXPECT_EQ(reshaped({24}), (Shape{24}));
  EXPECT_THROW(reshaped({-1, -1}), Error);
  EXPECT_THROW(reshaped({5, -1}), Error);
  EXPECT_THROW(reshaped({2, 3, 4, 0}), Error);
  EXPECT_THROW(reshaped({-2, 12}), Error);
  EXPECT_THROW(reshaped({INT64_MAX, INT64_MAX}), Error);
}

// The same slice as opset 9 and opset 10 write it.
TEST(InferShapes, ReadsParametersFromAttributesAndFromInputs) {
  const auto attributes =
      NetworkBuilder(9)
          .input("x", {1, 8})
          .node("Slice", {"x"}, {"y"}, {{"starts", Ints{1}}, {"ends", Ints{-1}}, {"axes", Ints{1}}});
  EXPECT_EQ(inferred(attributes), (Shape{1, 6}));
  const auto inputs = NetworkBuilder(10)
                          .input("x", {1, 8})
                          .integers("s", {1})
                          .integers("e", {-1})
                          .integers("a", {-1})
                          .integers("t", {2});
  EXPECT_EQ(inferred(NetworkBuilder(inputs).node("Slice", {"x", "s", "e", "a", "t"}, {"y"})), (Shape{1, 3}));
}

TEST(InferShapes, SliceBoundsMayBeAbsurd) {
  const auto sliced = [](std::int64_t start, std::int64_t end, std::int64_t step) {
    return inferred(NetworkBuilder().input("x", {7}).node(
        "Slice", {"x"}, {"y"},
        {{"starts", Ints{start}}, {"ends", Ints{end}}, {"axes", Ints{0}}, {"steps", Ints{step}}}))[0];
  };
  EXPECT_EQ(sliced(0, INT64_MAX, 1), 7);
  EXPECT_EQ(sliced(INT64_MIN, INT64_MAX, 3), 3);
  EXPECT_EQ(sliced(-1, INT64_MIN, -1), 7);
  EXPECT_EQ(sliced(0, INT64_MAX, INT64_MAX), 1);
  EXPECT_THROW(sliced(0, 1, 0), Error);
  EXPECT_THROW(sliced(5, 2, 1), Error) << "no elements";
}

TEST(InferShapes, SplitAndConcat) {
  const auto halves =
      NetworkBuilder().input("x", {1, 6, 2}).node("Split", {"x"}, {"a", "b"}, {{"axis", std::int64_t{-2}}});
  EXPECT_EQ(inferred(halves, "b"), (Shape{1, 3, 2}));
  const auto uneven =
      NetworkBuilder(18)
          .input("x", {1, 7})
          .node("Split", {"x"}, {"a", "b"}, {{"axis", std::int64_t{1}}, {"num_outputs", std::int64_t{2}}});
  EXPECT_EQ(inferred(uneven, "a"), (Shape{1, 4}));
  EXPECT_EQ(inferred(uneven, "b"), (Shape{1, 3}));
  EXPECT_EQ(inferred(NetworkBuilder()
                         .input("x", {1, 2})
                         .input("z", {1, 5})
                         .node("Concat", {"x", "z"}, {"y"}, {{"axis", std::int64_t{-1}}})),
            (Shape{1, 7}));
  EXPECT_THROW(inferred(NetworkBuilder()
                            .input("x", {1, 2})
                            .input("z", {2, 2})
                            .node("Concat", {"x", "z"}, {"y"}, {{"axis", std::int64_t{1}}})),
               Error);
}

TEST(InferShapes, MatrixProducts) {
  const auto product = [](const Shape& a, const Shape& b) {
    return inferred(NetworkBuilder().input("a", a).input("b", b).node("MatMul", {"a", "b"}, {"y"}));
  };
  EXPECT_EQ(product({2, 3}, {3, 4}), (Shape{2, 4}));
  EXPECT_EQ(product({5, 2, 3}, {3, 4}), (Shape{5, 2, 4}));
  EXPECT_EQ(product({3}, {3, 4}), (Shape{4}));
  EXPECT_THROW(product({2, 3}, {4, 3}), Error);
  EXPECT_EQ(inferred(NetworkBuilder()
                         .input("a", {3, 2})
                         .input("b", {4, 3})
                         .node("Gemm", {"a", "b"}, {"y"}, {{"transA", std::int64_t{1}}, {"transB", std::int64_t{1}}})),
            (Shape{2, 4}));
}

TEST(InferShapes, ResizeByScalesAndSizes) {
  EXPECT_EQ(inferred(NetworkBuilder()
                         .input("x", {1, 2, 3, 5})
                         .floats("s", {4}, {1, 1, 2, 1.5f})
                         .node("Resize", {"x", "", "s"}, {"y"}, {{"mode", std::string("nearest")}})),
            (Shape{1, 2, 6, 7}));
  EXPECT_EQ(inferred(NetworkBuilder()
                         .input("x", {1, 2, 3, 5})
                         .integers("s", {1, 2, 7, 4})
                         .node("Resize", {"x", "", "", "s"}, {"y"})),
            (Shape{1, 2, 7, 4}));
  EXPECT_THROW(inferred(NetworkBuilder()
                            .input("x", {1, 2, 3, 5})
                            .floats("s", {4}, {1, 1, 1e30f, 1})
                            .node("Resize", {"x", "", "s"}, {"y"})),
               Error);
}

TEST(InferShapes, NamesAnOperatorItDoesNotKnow) {
  EXPECT_THAT([] { inferred(NetworkBuilder().input("x", {1}).node("Einsum", {"x"}, {"y"})); },
              ThrowsMessage<Error>(testing::AllOf(HasSubstr("node 'y' (Einsum)"), HasSubstr("supported are Add, "))));
}

TEST(InferShapes, RefusesAParameterThatIsNotConstant) {
  EXPECT_THAT(
      [] {
        inferred(NetworkBuilder().input("x", {4}).input("s", {2}).node("Reshape", {"x", "s"}, {"y"}));
      },
      ThrowsMessage<Error>(HasSubstr("its shape ('s') must be constant")));
}

}  // namespace
}  // namespace northpole::network
