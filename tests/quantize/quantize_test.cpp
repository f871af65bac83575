#include "quantize/quantize.h"

#include <gmock/gmock.h>

#include <cmath>
#include <limits>

#include "network/error.h"
#include "onnx/read_onnx.h"
#include "onnx/write_onnx.h"
#include "quantize/points.h"
#include "reference/quantized_interpreter.h"
#include "support/every_operator.h"

namespace northpole::quantize {
namespace {

using network::Graph;
using network::Node;
using network::Tensor;
using testing::AllOf;
using testing::HasSubstr;

Calibration pictures(const tests::EveryOperator& network, std::int64_t count = 6) {
  return {count, [&network](std::int64_t index) { return network.picture(static_cast<unsigned>(index)); }};
}

// input -> 1x1 convolution "y" with the given weights [1, 2] and bias
Graph one_convolution(const std::vector<float>& weights, float bias = 0) {
  network::NetworkBuilder builder(17);
  builder.input("x", {1, 2, 1, 1}).floats("w", {1, 2, 1, 1}, weights).floats("b", {1}, {bias});
  builder.node("Conv", {"x", "w", "b"}, {"y"}).output("y");
  builder.graph.source = "one.onnx";
  return network::prepared(builder.graph);
}

Calibration ramp() {
  return {20, [](std::int64_t i) {
            const auto x = static_cast<float>(i);
            return std::map<std::string, Tensor>{{"x", Tensor::of_floats({1, 2, 1, 1}, {x / 10, 1 - x / 20})}};
          }};
}

// The quantization of the QuantizeLinear that reads the value or gives the real name of it back.
float scale_of(const Graph& graph, const std::string& value) {
  for (const Node& node : graph.nodes) {
    if (node.op == "QuantizeLinear" && node.outputs[0].rfind(value + "_quantized", 0) == 0) {
      return graph.constant(node.inputs[1])->data<float>()[0];
    }
  }
  throw std::runtime_error("no QuantizeLinear of " + value);
}

TEST(Quantize, KeepsTheNetworksAnswers) {
  const tests::EveryOperator network(3);
  const Graph graph = network.prepared();
  const reference::FloatInterpreter real(graph);
  const Graph quantized_graph = quantize(graph, pictures(network));
  for (auto precision : {reference::Precision::fp16, reference::Precision::fp32}) {
    const reference::QuantizedInterpreter quantized(quantized_graph, precision);
    double error = 0, power = 0;
    for (unsigned picture = 50; picture < 60; ++picture) {
      const Tensor expected = real.run(network.picture(picture)).at("logits");
      const Tensor given = quantized.run(network.picture(picture)).at("logits");
      for (std::int64_t i = 0; i < expected.size(); ++i) {
        error += std::pow(expected.number(i) - given.number(i), 2);
        power += std::pow(expected.number(i), 2);
      }
    }
    EXPECT_LT(error, 3e-3 * power);
  }
}

TEST(Quantize, GivesTheSameFileWithAnyNumberOfThreads) {
  const tests::EveryOperator network(4);
  Options options;
  const std::string once = onnx::onnx_bytes(quantize(network.prepared(), pictures(network), options));
  options.threads = 2;
  EXPECT_EQ(onnx::onnx_bytes(quantize(network.prepared(), pictures(network), options)), once);
}

TEST(Quantize, SurvivesTheFile) {
  const tests::EveryOperator network(5);
  const Graph quantized = quantize(network.prepared(), pictures(network));
  const Graph read = network::prepared(onnx::read_onnx_bytes(onnx::onnx_bytes(quantized), "again.onnx"));
  std::vector<std::vector<std::int16_t>> before, after;
  const auto picture = network.picture(77);
  auto collect = [](auto& to) {
    return [&to](const std::string&, const reference::QuantizedTensor& t) { to.push_back(t.codes); };
  };
  reference::QuantizedInterpreter(quantized, reference::Precision::fp16).run(picture, collect(before));
  reference::QuantizedInterpreter(read, reference::Precision::fp16).run(picture, collect(after));
  EXPECT_GT(before.size(), 30u);
  EXPECT_EQ(before, after);
}

TEST(Quantize, KeepsNamesAndMetadata) {
  Graph graph = one_convolution({1, 2});
  graph.metadata["northpole.classes"] = "cat,dog";
  const Graph quantized = quantize(graph, ramp());
  EXPECT_EQ(quantized.metadata, graph.metadata);
  EXPECT_EQ(quantized.inputs[0].name, "x");
  EXPECT_EQ(quantized.outputs[0].name, "y");
  EXPECT_GE(quantized.opset, 13);
  EXPECT_EQ(quantized.constant("w"), nullptr) << "the float weights are gone";
}

TEST(Quantize, LetsInputsOfAConcatAndMovementsShareTheirScale) {
  const tests::EveryOperator network(6);
  const Graph quantized = quantize(network.prepared(), pictures(network));
  EXPECT_EQ(scale_of(quantized, "gated"), scale_of(quantized, "joined"));
  EXPECT_EQ(scale_of(quantized, "hard_gated"), scale_of(quantized, "joined"));
  EXPECT_EQ(scale_of(quantized, "stem_relu"), scale_of(quantized, "pooled"));
  EXPECT_EQ(scale_of(quantized, "padded"), scale_of(quantized, "enlarged"));
  EXPECT_EQ(scale_of(quantized, "gate"), 1.0f / 256);
}

TEST(Quantize, QuantizesBehindTheClampAndNotBeforeTheHost) {
  const tests::EveryOperator network(7);
  const Points points = find_points(network.prepared());
  EXPECT_FALSE(points.quantized("stem"));
  EXPECT_TRUE(points.quantized("stem_relu"));
  EXPECT_TRUE(points.quantized("logits"));
  EXPECT_FALSE(points.quantized("shares"));
  EXPECT_TRUE(points.groups[points.group_of.at("clipped")].never_negative);
  EXPECT_FALSE(points.groups[points.group_of.at("leaky")].never_negative);
}

TEST(Quantize, TakesTheMeanErrorOfRoundedWeightsOutOfTheBias) {
  // Beside 1.27 the weight 0.0049 rounds to 0; its input is always near 100, so 0.49 is missing on every picture.
  const Calibration calibration{
      16, [](std::int64_t i) {
        const auto x = static_cast<float>(i % 4);
        return std::map<std::string, Tensor>{{"x", Tensor::of_floats({1, 2, 1, 1}, {x, 100 + x})}};
      }};
  const Graph graph = one_convolution({1.27f, 0.0049f});
  auto mean_error = [&](bool correct) {
    Options options;
    options.correct_biases = correct;
    const reference::QuantizedInterpreter quantized(quantize(graph, calibration, options), reference::Precision::fp32);
    const reference::FloatInterpreter real(graph);
    double sum = 0;
    for (std::int64_t i = 0; i < 16; ++i) {
      sum += quantized.run(calibration.inputs(i)).at("y").number(0) - real.run(calibration.inputs(i)).at("y").number(0);
    }
    return std::fabs(sum / 16);
  };
  EXPECT_GT(mean_error(false), 0.3);
  EXPECT_LT(mean_error(true), mean_error(false) / 2) << "what is left comes from rounding the input";
}

TEST(Quantize, KeepsRatiosOfScalesNormalInHalfPrecision) {
  // One branch is a million times smaller than the other.
  network::NetworkBuilder builder(17);
  builder.input("x", {1, 2, 1, 1})
      .floats("tiny", {2, 2, 1, 1}, {1e-6f, 0, 0, 1e-6f})
      .floats("huge", {2, 2, 1, 1}, {1e3f, 0, 0, 1e3f});
  builder.node("Conv", {"x", "tiny"}, {"a"})
      .node("Conv", {"x", "huge"}, {"b"})
      .node("Add", {"a", "b"}, {"y"})
      .output("y");
  const Graph quantized = quantize(network::prepared(builder.graph), ramp());
  EXPECT_GE(scale_of(quantized, "a") / scale_of(quantized, "y"), 0x1p-14f);
  const reference::QuantizedInterpreter interpreter(quantized, reference::Precision::fp16);
  EXPECT_NEAR(interpreter.run(ramp().inputs(10)).at("y").number(0), 1000, 20);
}

TEST(Quantize, RefusesWhatItCannotUse) {
  const Graph quantized = quantize(one_convolution({1, 2}), ramp());
  EXPECT_THROW(quantize(quantized, ramp()), Error);
  EXPECT_THROW(quantize(one_convolution({1, 2}), {}), Error);
  Graph infinite = one_convolution({1, 2});
  infinite.constants.at("w").data<float>()[0] = std::numeric_limits<float>::quiet_NaN();
  EXPECT_THROW(quantize(infinite, ramp()), Error);
  const Calibration overflowing{
      1, [](std::int64_t) {
        return std::map<std::string, Tensor>{{"x", Tensor::of_floats({1, 2, 1, 1}, {3e38f, 3e38f})}};
      }};
  try {
    quantize(one_convolution({2, 2}), overflowing);
    FAIL();
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), HasSubstr("'y'"));
  }
}

TEST(Quantize, RefusesABiasThatItsCorrectionDroveOutOfInt32) {
  // What rounding 0.0049 to 0 takes away is some 10^12 on these pictures; the input's scale cannot follow that far.
  const Calibration far{4, [](std::int64_t) {
                          return std::map<std::string, Tensor>{{"x", Tensor::of_floats({1, 2, 1, 1}, {1, 1e15f})}};
                        }};
  Options options;
  options.learn_rounding = false;
  try {
    quantize(one_convolution({1.27f, 0.0049f}), far, options);
    FAIL() << "it wrapped";
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), AllOf(HasSubstr("node 'y'"), HasSubstr("output channel 0"), HasSubstr("32 bits")));
    EXPECT_THAT(error.what(), testing::Not(HasSubstr("\n")));
  }
}

}  // namespace
}  // namespace northpole::quantize
