// How each operator looks after prepared(), whatever opset wrote it.
#include "network/normal_form.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "network/error.h"
#include "network/prepare.h"
#include "support/network_builder.h"

namespace northpole::network {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::ThrowsMessage;

std::vector<float> floats_of(const Graph& graph, const std::string& constant) {
  const Tensor& tensor = graph.constants.at(constant);
  return {tensor.data<float>(), tensor.data<float>() + tensor.size()};
}

// One node from x to y.
Graph normal(const NetworkBuilder& builder, const Shape& input, const std::string& op,
             NetworkBuilder::Names more_inputs = {}, const NetworkBuilder::Attributes& attributes = {}) {
  NetworkBuilder copy = builder;
  more_inputs.insert(more_inputs.begin(), "x");
  return prepared(copy.input("x", input).node(op, more_inputs, {"y"}, attributes).output("y").graph);
}

TEST(NormalForm, AutomaticPaddingIsResolved) {
  const auto pads = [](const std::string& automatic) {
    const Graph graph = normal(NetworkBuilder().counting("w", {1, 1, 3, 2}), {1, 1, 8, 8}, "Conv", {"w"},
                               {{"auto_pad", automatic}, {"strides", Ints{2, 1}}});
    EXPECT_FALSE(graph.nodes[0].has("auto_pad"));
    return graph.nodes[0].integers("pads", {});
  };
  EXPECT_EQ(pads("SAME_UPPER"), (Ints{0, 0, 1, 1}));
  EXPECT_EQ(pads("SAME_LOWER"), (Ints{1, 1, 0, 0}));
  EXPECT_EQ(pads("VALID"), (Ints{0, 0, 0, 0}));
}

TEST(NormalForm, CeilingBecomesPadding) {
  const NetworkBuilder::Attributes ceiling = {
      {"kernel_shape", Ints{3, 3}}, {"strides", Ints{2, 2}}, {"ceil_mode", std::int64_t{1}}};
  for (const char* op : {"MaxPool", "AveragePool"}) {
    const Graph graph = normal({}, {1, 1, 8, 7}, op, {}, ceiling);
    EXPECT_EQ(graph.nodes[0].integers("pads", {}), (Ints{0, 0, 1, 0})) << op;
    EXPECT_FALSE(graph.nodes[0].has("ceil_mode")) << op;
    EXPECT_EQ(graph.outputs[0].shape, (Shape{1, 1, 4, 3})) << op;
  }
  auto counting = ceiling;
  counting["count_include_pad"] = std::int64_t{1};
  EXPECT_THAT(
      [&] {
        normal({}, {1, 1, 8, 8}, "AveragePool", {}, counting);
      },
      ThrowsMessage<Error>(HasSubstr("count_include_pad")));
  EXPECT_NO_THROW(normal({}, {1, 1, 7, 7}, "AveragePool", {}, counting)) << "nothing hangs over";
}

TEST(NormalForm, ClipFromAttributesAndInputs) {
  const Graph old = normal(NetworkBuilder(6 + 1), {4}, "Clip", {}, {{"min", -1.0f}, {"max", 6.0f}});
  const Graph modern =
      normal(NetworkBuilder(13).floats("low", {}, {-1}).floats("high", {}, {6}), {4}, "Clip", {"low", "high"});
  for (const Graph* graph : {&old, &modern}) {
    EXPECT_EQ(graph->nodes[0].real("min", 0), -1.0f);
    EXPECT_EQ(graph->nodes[0].real("max", 0), 6.0f);
    EXPECT_EQ(graph->nodes[0].inputs.size(), 1u);
    EXPECT_TRUE(graph->constants.empty());
  }
  EXPECT_EQ(normal(NetworkBuilder(13).floats("low", {}, {0}), {4}, "Clip", {"low"}).nodes[0].op, "Relu");
  EXPECT_FALSE(normal(NetworkBuilder(13).floats("high", {}, {2}), {4}, "Clip", {"", "high"}).nodes[0].has("min"));
  EXPECT_THROW(normal(NetworkBuilder(7), {4}, "Clip", {}, {{"min", 2.0f}, {"max", 1.0f}}), Error);
}

TEST(NormalForm, LimitsAgainstAConstantAreClips) {
  const Graph graph = prepared(NetworkBuilder()
                                   .input("x", {1, 4})
                                   .floats("zero", {}, {0})
                                   .floats("six", {1}, {6})
                                   .node("Max", {"zero", "x"}, {"a"})
                                   .node("Min", {"a", "six"}, {"y"})
                                   .output("y")
                                   .graph);
  EXPECT_THAT(operators_of(graph), ElementsAre("Relu", "Clip"));
  EXPECT_EQ(graph.nodes[1].real("max", 0), 6.0f);
}

TEST(NormalForm, SliceIsResolvedAndMerged) {
  NetworkBuilder builder;
  builder.input("x", {1, 3, 9, 9})
      .integers("zero", {0})
      .integers("end", {INT64_MAX})
      .integers("two", {2})
      .integers("three", {-1});
  builder.node("Slice", {"x", "zero", "end", "two", "two"}, {"rows"})
      .node("Slice", {"rows", "zero", "end", "three", "two"}, {"y"})
      .output("y");
  const Graph graph = prepared(builder.graph);
  ASSERT_THAT(operators_of(graph), ElementsAre("Slice"));
  EXPECT_EQ(graph.nodes[0].integers("axes", {}), (Ints{2, 3}));
  EXPECT_EQ(graph.nodes[0].integers("starts", {}), (Ints{0, 0}));
  EXPECT_EQ(graph.nodes[0].integers("ends", {}), (Ints{9, 9}));
  EXPECT_EQ(graph.nodes[0].integers("steps", {}), (Ints{2, 2}));
  EXPECT_EQ(graph.outputs[0].shape, (Shape{1, 3, 5, 5}));
}

TEST(NormalForm, MergedSlicesOfOneAxisMultiplyTheirSteps) {
  NetworkBuilder builder;
  builder.input("x", {20}).node("Slice", {"x"}, {"a"},
                                {{"starts", Ints{1}}, {"ends", Ints{20}}, {"axes", Ints{0}}, {"steps", Ints{3}}});
  builder.node("Slice", {"a"}, {"y"}, {{"starts", Ints{2}}, {"ends", Ints{7}}, {"axes", Ints{0}}, {"steps", Ints{2}}})
      .output("y");
  // 1, 4, 7, 10, 13, 16, 19 and of these the second, fourth and sixth: 7, 13, 19.
  const Graph graph = prepared(builder.graph);
  ASSERT_EQ(graph.nodes.size(), 1u);
  EXPECT_EQ(graph.nodes[0].integers("starts", {}), (Ints{7}));
  EXPECT_EQ(graph.nodes[0].integers("steps", {}), (Ints{6}));
  EXPECT_EQ(graph.nodes[0].integers("ends", {}), (Ints{20}));
}

TEST(NormalForm, BackwardSlicesAreRefused) {
  EXPECT_THAT(
      [] {
        normal(NetworkBuilder(), {4}, "Slice", {},
               {{"starts", Ints{3}}, {"ends", Ints{-9}}, {"axes", Ints{0}}, {"steps", Ints{-1}}});
      },
      ThrowsMessage<Error>(HasSubstr("backwards")));
}

TEST(NormalForm, NegativePadsCut) {
  const Graph graph = normal({}, {1, 1, 6, 6}, "Pad", {}, {{"pads", Ints{0, 0, -1, 2, 0, 0, -2, 0}}, {"value", 3.0f}});
  ASSERT_THAT(operators_of(graph), ElementsAre("Slice", "Pad"));
  EXPECT_EQ(graph.nodes[0].integers("starts", {}), (Ints{1}));
  EXPECT_EQ(graph.nodes[0].integers("ends", {}), (Ints{4}));
  EXPECT_EQ(graph.nodes[1].integers("pads", {}), (Ints{0, 0, 0, 2, 0, 0, 0, 0}));
  EXPECT_EQ(graph.nodes[1].real("value", 0), 3.0f);
  EXPECT_EQ(graph.outputs[0].shape, (Shape{1, 1, 3, 8}));
}

TEST(NormalForm, PadValueMayComeThroughDequantizeLinear) {
  NetworkBuilder builder;
  builder.input("x", {1, 4})
      .integers("pads", {0, 1, 0, 0})
      .constant("code", Tensor::of_integers(ElementType::uint8, {}, {12}));
  builder.floats("s", {}, {0.5f}).constant("z", Tensor::of_integers(ElementType::uint8, {}, {10}));
  builder.node("DequantizeLinear", {"code", "s", "z"}, {"value"})
      .node("Pad", {"x", "pads", "value"}, {"y"})
      .output("y");
  const Graph graph = prepared(builder.graph);
  ASSERT_THAT(operators_of(graph), ElementsAre("Pad"));
  EXPECT_EQ(graph.nodes[0].real("value", 0), 1.0f);
}

TEST(NormalForm, EveryReshapingIsAReshape) {
  EXPECT_EQ(normal({}, {1, 3, 4}, "Flatten").nodes[0].integers("shape", {}), (Ints{1, 12}));
  EXPECT_EQ(normal({}, {1, 3, 1}, "Squeeze", {}, {{"axes", Ints{-1}}}).nodes[0].integers("shape", {}), (Ints{1, 3}));
  EXPECT_EQ(normal(NetworkBuilder().integers("a", {0, -1}), {3}, "Unsqueeze", {"a"}).nodes[0].integers("shape", {}),
            (Ints{1, 3, 1}));
  EXPECT_EQ(normal({}, {1, 3, 1, 1}, "Transpose", {}, {{"perm", Ints{0, 2, 3, 1}}}).nodes[0].op, "Reshape");
  EXPECT_EQ(normal({}, {1, 3, 2, 1}, "Transpose", {}, {{"perm", Ints{0, 2, 3, 1}}}).nodes[0].op, "Transpose");
}

TEST(NormalForm, GemmFoldsItsFactors) {
  NetworkBuilder builder;
  builder.floats("b", {2, 3}, {1, 2, 3, 4, 5, 6}).floats("c", {}, {10});
  const Graph graph =
      normal(builder, {1, 3}, "Gemm", {"b", "c"}, {{"transB", std::int64_t{1}}, {"alpha", 2.0f}, {"beta", 0.5f}});
  const Node& gemm = graph.nodes[0];
  EXPECT_EQ(gemm.integer("transB", 9), 0);
  EXPECT_EQ(gemm.real("alpha", 9), 1.0f);
  EXPECT_EQ(gemm.real("beta", 9), 1.0f);
  EXPECT_EQ(graph.constants.at(gemm.inputs[1]).shape, (Shape{3, 2}));
  EXPECT_THAT(floats_of(graph, gemm.inputs[1]), ElementsAre(2, 8, 4, 10, 6, 12));
  EXPECT_THAT(floats_of(graph, gemm.inputs[2]), ElementsAre(5, 5));
}

TEST(NormalForm, GemmKeepsTransBOfQuantizedWeights) {
  NetworkBuilder builder;
  builder.input("x", {1, 3})
      .constant("b", Tensor::of_integers(ElementType::int8, {2, 3}, {1, 2, 3, 4, 5, 6}))
      .floats("s", {2}, {1, 2});
  builder.node("DequantizeLinear", {"b", "s"}, {"w"}, {{"axis", std::int64_t{0}}})
      .node("Gemm", {"x", "w"}, {"y"}, {{"transB", std::int64_t{1}}})
      .output("y");
  const Graph graph = prepared(builder.graph);
  EXPECT_EQ(node_of(graph, "Gemm").integer("transB", 0), 1);
  const Node& weights = node_of(graph, "DequantizeLinear");
  EXPECT_EQ(weights.integer("axis", 9), 0);
  ASSERT_EQ(weights.inputs.size(), 3u) << "the zero point is made explicit";
  EXPECT_EQ(graph.constants.at(weights.inputs[2]).type, ElementType::int8);
  EXPECT_EQ(graph.constants.at(weights.inputs[2]).shape, (Shape{2}));
}

TEST(NormalForm, ScaleByTensorIsAScalar) {
  NetworkBuilder builder;
  builder.input("x", {1, 3}).floats("s", {1}, {0.5f});
  builder.node("QuantizeLinear", {"x", "s"}, {"q"}).node("DequantizeLinear", {"q", "s"}, {"y"}).output("y");
  const Graph graph = prepared(builder.graph);
  for (const Node& node : graph.nodes) {
    EXPECT_TRUE(graph.constants.at(node.inputs[1]).shape.empty());
    EXPECT_TRUE(graph.constants.at(node.inputs[2]).shape.empty());
    EXPECT_EQ(graph.constants.at(node.inputs[2]).type, ElementType::uint8);
    EXPECT_FALSE(node.has("axis"));
  }
}

TEST(NormalForm, TheTypeOfCodesMayBeAnAttribute) {
  const std::pair<std::int64_t, ElementType> types[] = {
      {21, ElementType::uint4}, {22, ElementType::int4}, {25, ElementType::uint2}, {26, ElementType::int2}};
  for (const auto& [number, type] : types) {
    NetworkBuilder builder;
    builder.input("x", {1, 3}).floats("s", {}, {0.5f});
    builder.node("QuantizeLinear", {"x", "s"}, {"q"}, {{"output_dtype", number}});
    builder.node("DequantizeLinear", {"q", "s"}, {"y"}).output("y");
    const Graph graph = prepared(builder.graph);
    for (const Node& node : graph.nodes) EXPECT_EQ(graph.constants.at(node.inputs[2]).type, type);
  }
}

TEST(NormalForm, QuantizationInAnotherPrecisionIsRefused) {
  const auto with = [](std::int64_t precision, std::int64_t result) {
    NetworkBuilder builder;
    builder.input("x", {1, 3}).floats("s", {}, {0.5f});
    builder.node("QuantizeLinear", {"x", "s"}, {"q"}, {{"precision", precision}});
    return prepared(builder.node("DequantizeLinear", {"q", "s"}, {"y"}, {{"output_dtype", result}}).output("y").graph);
  };
  EXPECT_NO_THROW(with(0, 0));
  EXPECT_NO_THROW(with(1, 10)) << "float16 is float32 here";
  EXPECT_THROW(with(11, 1), Error);
  EXPECT_THROW(with(1, 11), Error);
}

TEST(NormalForm, ResizeListsItsSources) {
  const auto resized = [](const std::string& position, const std::string& nearest, float scale) {
    const Graph graph = normal(NetworkBuilder(13).floats("s", {4}, {1, 1, scale, 1}), {1, 1, 4, 4}, "Resize", {"", "s"},
                               {{"coordinate_transformation_mode", position}, {"nearest_mode", nearest}});
    return graph.nodes[0].integers("height_index", {});
  };
  EXPECT_EQ(resized("asymmetric", "floor", 2), (Ints{0, 0, 1, 1, 2, 2, 3, 3}));
  EXPECT_EQ(resized("half_pixel", "round_prefer_floor", 2), (Ints{0, 0, 1, 1, 2, 2, 3, 3}));
  EXPECT_EQ(resized("asymmetric", "ceil", 2), (Ints{0, 1, 1, 2, 2, 3, 3, 3}));
  EXPECT_EQ(resized("half_pixel", "round_prefer_floor", 0.5f), (Ints{0, 2}));
  EXPECT_EQ(resized("half_pixel", "round_prefer_ceil", 0.5f), (Ints{1, 3}));
  EXPECT_EQ(resized("align_corners", "round_prefer_floor", 1.5f), (Ints{0, 1, 1, 2, 2, 3}));
  const Graph old = normal(NetworkBuilder(9).floats("s", {4}, {1, 1, 2, 2}), {1, 1, 2, 2}, "Upsample", {"s"});
  EXPECT_EQ(old.nodes[0].op, "Resize");
  EXPECT_EQ(old.nodes[0].integers("width_index", {}), (Ints{0, 0, 1, 1}));
}

TEST(NormalForm, OldSoftmaxWorksOverEverythingBehindItsAxis) {
  EXPECT_EQ(normal(NetworkBuilder(11), {1, 10, 1, 1}, "Softmax").nodes[0].integer("axis", -9), 1);
  EXPECT_THROW(normal(NetworkBuilder(11), {1, 5, 2}, "Softmax"), Error);
  EXPECT_EQ(normal(NetworkBuilder(13), {1, 5, 2}, "Softmax").nodes[0].integer("axis", -9), 2);
}

TEST(NormalForm, ArithmeticBecomesAddSubMul) {
  EXPECT_THAT(floats_of(normal(NetworkBuilder().floats("d", {}, {4}), {2}, "Div", {"d"}), "d_reciprocal"),
              ElementsAre(0.25f));
  EXPECT_THROW(normal(NetworkBuilder().floats("d", {}, {0}), {2}, "Div", {"d"}), Error);
  EXPECT_EQ(normal(NetworkBuilder().floats("p", {3, 1, 1}, {0.1f, 0.1f, 0.1f}), {1, 3, 2, 2}, "PRelu", {"p"})
                .nodes[0]
                .real("alpha", 0),
            0.1f);
  const Graph sum = prepared(NetworkBuilder()
                                 .input("a", {2})
                                 .input("b", {2})
                                 .input("c", {2})
                                 .node("Sum", {"a", "b", "c"}, {"y"})
                                 .output("y")
                                 .graph);
  EXPECT_THAT(operators_of(sum), ElementsAre("Add", "Add"));
  const Graph swapped =
      prepared(NetworkBuilder().input("x", {2}).counting("c", {2}).node("Mul", {"c", "x"}, {"y"}).output("y").graph);
  EXPECT_THAT(swapped.nodes[0].inputs, ElementsAre("x", "c"));
}

}  // namespace
}  // namespace northpole::network
