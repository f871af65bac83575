#include "network/prepare.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "network/error.h"
#include "network/operators.h"
#include "reference/float_interpreter.h"
#include "support/network_builder.h"

namespace northpole::network {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::ThrowsMessage;

NetworkBuilder normalized(const std::string& op, const Shape& input, const Shape& weights) {
  NetworkBuilder builder;
  builder.input("x", input).counting("w", weights).floats("b", {2}, {1, -1});
  builder.floats("scale", {2}, {2, 3})
      .floats("bias", {2}, {0.5f, 0})
      .floats("mean", {2}, {10, 20})
      .floats("variance", {2}, {4, 0.25f});
  builder.node(op, {"x", "w", "b"}, {"t"})
      .node("BatchNormalization", {"t", "scale", "bias", "mean", "variance"}, {"y"}, {{"epsilon", 0.0f}});
  return builder.output("y");
}

TEST(BatchNormalization, IsFoldedIntoTheLayerBefore) {
  const Graph graph = prepared(normalized("Conv", {1, 1, 3, 3}, {2, 1, 1, 2}).graph);
  ASSERT_THAT(operators_of(graph), ElementsAre("Conv"));
  const Tensor& weights = graph.constants.at(graph.nodes[0].inputs[1]);
  const Tensor& bias = graph.constants.at(graph.nodes[0].inputs[2]);
  // Channel 0: times 2 / sqrt(4) = 1, plus (1 - 10) * 1 + 0.5. Channel 1: times 3 / 0.5 = 6, plus (-1 - 20) * 6.
  EXPECT_THAT(std::vector<float>(weights.data<float>(), weights.data<float>() + 4), ElementsAre(1, 2, 18, 24));
  EXPECT_THAT(std::vector<float>(bias.data<float>(), bias.data<float>() + 2), ElementsAre(-8.5f, -126));
}

TEST(BatchNormalization, IsFoldedIntoAMatrixProductToo) {
  const Graph graph = prepared(normalized("Gemm", {1, 3}, {3, 2}).graph);
  ASSERT_THAT(operators_of(graph), ElementsAre("Gemm"));
  const Tensor& weights = graph.constants.at(graph.nodes[0].inputs[1]);
  EXPECT_THAT(std::vector<float>(weights.data<float>(), weights.data<float>() + 6), ElementsAre(1, 12, 3, 24, 5, 36));
}

TEST(BatchNormalization, AloneBecomesMulAndAdd) {
  NetworkBuilder builder = normalized("Conv", {1, 1, 3, 3}, {2, 1, 1, 2});
  builder.output("t");  // somebody else wants the convolution as it is
  const Graph graph = prepared(builder.graph);
  EXPECT_THAT(operators_of(graph), ElementsAre("Conv", "Mul", "Add"));
  EXPECT_EQ(graph.constants.at(graph.nodes[1].inputs[1]).shape, (Shape{2, 1, 1}));
}

TEST(BatchNormalization, RefusesNegativeVariance) {
  NetworkBuilder builder = normalized("Conv", {1, 1, 3, 3}, {2, 1, 1, 2});
  builder.floats("variance", {2}, {4, -1});
  EXPECT_THAT([&] { prepared(builder.graph); }, ThrowsMessage<Error>(HasSubstr("variance of channel 1")));
}

TEST(Prepared, RemovesWhatDoesNothing) {
  NetworkBuilder builder;
  builder.input("x", {1, 4})
      .node("Identity", {"x"}, {"a"})
      .node("Dropout", {"a"}, {"b", "mask"})
      .node("Relu", {"b"}, {"c"});
  builder.node("Cast", {"c"}, {"d"}, {{"to", std::int64_t{1}}})
      .node("Identity", {"d"}, {"y"})
      .node("Sigmoid", {"x"}, {"unused"})
      .counting("unused_too", {5})
      .output("y");
  const Graph graph = prepared(builder.graph);
  EXPECT_THAT(operators_of(graph), ElementsAre("Relu"));
  EXPECT_THAT(graph.nodes[0].inputs, ElementsAre("x"));
  EXPECT_THAT(graph.nodes[0].outputs, ElementsAre("y")) << "the network's output keeps its name";
  EXPECT_TRUE(graph.constants.empty());
}

TEST(Prepared, KeepsAnIdentityFromInputToOutput) {
  const Graph graph = prepared(NetworkBuilder().input("x", {1, 4}).node("Dropout", {"x"}, {"y"}).output("y").graph);
  EXPECT_THAT(operators_of(graph), ElementsAre("Identity"));
}

TEST(Prepared, OneValueUnderTwoOutputNames) {
  const Graph graph = prepared(NetworkBuilder()
                                   .input("x", {1, 4})
                                   .node("Relu", {"x"}, {"y"})
                                   .node("Identity", {"y"}, {"z"})
                                   .output("y")
                                   .output("z")
                                   .graph);
  EXPECT_THAT(operators_of(graph), ElementsAre("Relu", "Identity"));
}

TEST(Prepared, KnowsEveryValuesShape) {
  const Graph graph = prepared(NetworkBuilder()
                                   .input("x", {1, 3, 8, 8})
                                   .counting("w", {4, 3, 3, 3})
                                   .node("Conv", {"x", "w"}, {"t"})
                                   .node("Relu", {"t"}, {"y"})
                                   .output("y")
                                   .graph);
  EXPECT_EQ(graph.values.at("t").shape, (Shape{1, 4, 6, 6}));
  EXPECT_EQ(graph.values.at("w").shape, (Shape{4, 3, 3, 3}));
  EXPECT_EQ(graph.outputs[0].shape, (Shape{1, 4, 6, 6}));
  EXPECT_EQ(graph.opset, 17);
}

TEST(Prepared, NamesWeightsThatAreNotFinite) {
  for (const float bad : {NAN, INFINITY, -INFINITY}) {
    NetworkBuilder builder;
    builder.input("x", {1, 1, 2, 2})
        .floats("kernel", {1, 1, 1, 2}, {1, bad})
        .node("Conv", {"x", "kernel"}, {"y"})
        .output("y");
    EXPECT_THAT(
        [&] { prepared(builder.graph); },
        ThrowsMessage<Error>(AllOf(HasSubstr("node 'y' (Conv)"), HasSubstr("'kernel'"), HasSubstr("element 1"))));
  }
}

TEST(Prepared, AllowsInfiniteBounds) {
  NetworkBuilder builder;
  builder.input("x", {4})
      .floats("low", {}, {-INFINITY})
      .floats("high", {}, {1})
      .node("Clip", {"x", "low", "high"}, {"y"})
      .output("y");
  const Graph graph = prepared(builder.graph);
  EXPECT_FALSE(graph.nodes[0].has("min"));
}

TEST(Prepared, RefusesByNameWhatIsNotSupported) {
  const auto message_of = [](NetworkBuilder builder) -> std::string {
    builder.graph.source = "net.onnx";
    try {
      prepared(builder.graph);
    } catch (const Error& error) {
      return error.what();
    }
    return "accepted";
  };
  const NetworkBuilder picture = NetworkBuilder().input("x", {1, 2, 4, 4});
  EXPECT_THAT(message_of(NetworkBuilder(picture).node("LSTM", {"x"}, {"y"}).output("y")),
              AllOf(HasSubstr("net.onnx: node 'y' (LSTM)"), HasSubstr("supported are"), HasSubstr("Conv, ")));
  EXPECT_THAT(message_of(NetworkBuilder(picture).input("w", {1, 2, 1, 1}).node("Conv", {"x", "w"}, {"y"}).output("y")),
              HasSubstr("'w' must be constant"));
  EXPECT_THAT(
      message_of(
          NetworkBuilder().input("x", {1, 2, 4}).counting("w", {1, 2, 1}).node("Conv", {"x", "w"}, {"y"}).output("y")),
      HasSubstr("2-D pictures"));
  EXPECT_THAT(message_of(NetworkBuilder(picture).node("Softmax", {"x"}, {"s"}).node("Relu", {"s"}, {"y"}).output("y")),
              HasSubstr("network's end"));
  EXPECT_THAT(message_of(NetworkBuilder(picture).node("Sqrt", {"x"}, {"y"}).output("y")),
              HasSubstr("only supported where its inputs are constants"));
  EXPECT_THAT(message_of(NetworkBuilder(picture).node("ReduceMean", {"x"}, {"y"}, {{"axes", Ints{1}}}).output("y")),
              HasSubstr("over height and width"));
  EXPECT_THAT(
      message_of(NetworkBuilder(picture).floats("s", {}, {0}).node("QuantizeLinear", {"x", "s"}, {"y"}).output("y")),
      HasSubstr("scales are positive"));
  EXPECT_THAT(message_of(NetworkBuilder(picture)
                             .node("Relu", {"x"}, {"line\nbreak"})
                             .node("Relu", {"line\nbreak", "ghost"}, {"y"})
                             .output("y")),
              testing::Not(HasSubstr("\n")));
}

TEST(Prepared, TwiceIsAsOnce) {
  NetworkBuilder builder = normalized("Conv", {1, 1, 5, 6}, {2, 1, 1, 2});
  builder.graph.outputs.clear();
  builder.node("MaxPool", {"y"}, {"p"},
               {{"kernel_shape", Ints{2, 2}}, {"strides", Ints{2, 2}}, {"ceil_mode", std::int64_t{1}}});
  builder.node("Pad", {"p"}, {"q"}, {{"pads", Ints{0, 0, -1, 1, 0, 0, 0, 0}}})
      .node("Flatten", {"q"}, {"z"})
      .node("Softmax", {"z"}, {"s"})
      .output("s");
  const Graph once = prepared(builder.graph), twice = prepared(once);
  ASSERT_EQ(once.nodes.size(), twice.nodes.size());
  for (std::size_t i = 0; i < once.nodes.size(); ++i) {
    EXPECT_EQ(once.nodes[i].op, twice.nodes[i].op);
    EXPECT_EQ(once.nodes[i].inputs, twice.nodes[i].inputs);
    EXPECT_EQ(once.nodes[i].attributes.size(), twice.nodes[i].attributes.size());
  }
}

TEST(Operators, TableIsSortedByPlaceThenName) {
  const auto table = supported_operators();
  for (std::size_t i = 1; i < table.size(); ++i) {
    const bool sorted = table[i - 1].place < table[i].place ||
                        (table[i - 1].place == table[i].place && table[i - 1].name < table[i].name);
    EXPECT_TRUE(sorted) << table[i].name;
  }
}

TEST(Operators, TableBecomesMarkdown) {
  EXPECT_THAT(supported_operators_markdown(),
              AllOf(HasSubstr("| operator | where it runs | supported |"),
                    HasSubstr("| Conv | vector-matrix unit | 2-D;"), HasSubstr("| Softmax | host |")));
}

}  // namespace
}  // namespace northpole::network
