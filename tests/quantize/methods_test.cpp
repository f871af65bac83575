// Ways to lose less than rounding everything seen to the nearest, each where it is sure to help.
#include <gtest/gtest.h>

#include <cmath>
#include <random>

#include "network/prepare.h"
#include "onnx/write_onnx.h"
#include "quantize/equalize.h"
#include "quantize/quantize.h"
#include "reference/quantized_interpreter.h"
#include "support/every_operator.h"
#include "support/network_builder.h"

namespace northpole::quantize {
namespace {

using network::Graph;
using network::Tensor;
using Ints = std::vector<std::int64_t>;

std::vector<float> uniform(std::mt19937& random, std::size_t count, float low, float high) {
  std::vector<float> values(count);
  for (float& value : values) value = low + (high - low) * static_cast<float>(random()) * 0x1p-32f;
  return values;
}

// Smooth pictures of 4 channels, 8 x 8: neighbours and channels vary together.
std::map<std::string, Tensor> smooth_picture(std::int64_t index) {
  std::mt19937 random(static_cast<unsigned>(100 + index));
  const std::vector<float> waves = uniform(random, 8, 0, 3);
  std::vector<float> values;
  for (int c = 0; c < 4; ++c) {
    for (int i = 0; i < 64; ++i) {
      const float x = static_cast<float>(i % 8) / 8, y = static_cast<float>(i / 8) / 8;
      values.push_back(waves[0] + std::sin(waves[1] * x + waves[2] * y + 0.3f * static_cast<float>(c)));
    }
  }
  return {{"x", Tensor::of_floats({1, 4, 8, 8}, values)}};
}

// Two convolutions with a Relu between. The first one's results differ by channel as `spread` says: channel c is
// spread^(c / 15) times as large.
Graph two_convolutions(float spread = 1, bool depthwise = false) {
  std::mt19937 random(5);
  std::vector<float> first = uniform(random, 16 * 4 * 9, -0.3f, 0.4f), bias = uniform(random, 16, -0.2f, 0.3f);
  for (std::size_t i = 0; i < first.size(); ++i) first[i] *= std::pow(spread, static_cast<float>(i / 36) / 15);
  for (std::size_t i = 0; i < bias.size(); ++i) bias[i] *= std::pow(spread, static_cast<float>(i) / 15);
  const std::int64_t columns = depthwise ? 1 : 16, outputs = depthwise ? 16 : 6;
  std::vector<float> second = uniform(random, static_cast<std::size_t>(outputs * columns * 9), -0.5f, 0.5f);
  for (std::size_t i = 0; i < second.size(); ++i) {
    const std::size_t channel = depthwise ? i / 9 : i / 9 % 16;
    second[i] /= std::pow(spread, static_cast<float>(channel) / 15);
  }
  network::NetworkBuilder builder(17);
  builder.input("x", {1, 4, 8, 8}).floats("w1", {16, 4, 3, 3}, first).floats("b1", {16}, bias);
  builder.floats("w2", {outputs, columns, 3, 3}, second);
  builder.node("Conv", {"x", "w1", "b1"}, {"a"}, {{"pads", Ints{1, 1, 1, 1}}}).node("Relu", {"a"}, {"r"});
  builder.node("Conv", {"r", "w2"}, {"y"}, {{"pads", Ints{1, 1, 1, 1}}, {"group", std::int64_t{depthwise ? 16 : 1}}});
  builder.output("y");
  builder.graph.source = "two.onnx";
  return network::prepared(builder.graph);
}

Calibration pictures(std::int64_t count = 24) { return {count, smooth_picture}; }

// Of the quantized network on pictures that it was not calibrated on.
double mean_squared_error(const Graph& graph, const Options& options) {
  const reference::FloatInterpreter real(graph);
  const reference::QuantizedInterpreter quantized(quantize(graph, pictures(), options), reference::Precision::fp32);
  double sum = 0, count = 0;
  for (std::int64_t index = 1000; index < 1020; ++index) {
    const Tensor expected = real.run(smooth_picture(index)).at("y"),
                 given = quantized.run(smooth_picture(index)).at("y");
    for (std::int64_t i = 0; i < expected.size(); ++i) sum += std::pow(expected.number(i) - given.number(i), 2);
    count += static_cast<double>(expected.size());
  }
  return sum / count;
}

Options plain(int bits) {
  Options options;
  options.bits.inner = options.bits.outer = {bits, bits};
  options.activations = RangeMethod::min_max;
  options.correct_biases = false;
  return options;
}

TEST(LearnRounding, GivesResultsNearerToTheFloatNetwork) {
  for (const int bits : {4, 2}) {
    Options nearest = plain(bits);
    nearest.activations = RangeMethod::mean_squared_error;
    nearest.correct_biases = true;
    Options learned = nearest;
    learned.learn_rounding = true;
    const Graph graph = two_convolutions();
    const double with_minimum_and_maximum = mean_squared_error(graph, plain(bits));
    const double before = mean_squared_error(graph, nearest), after = mean_squared_error(graph, learned);
    EXPECT_LT(after, 0.6 * before) << bits << " bits";
    EXPECT_LT(after, 0.4 * with_minimum_and_maximum) << bits << " bits";
  }
}

TEST(LearnRounding, KnowsEveryLayerWithWeightsAndIsTheSameWithAnyNumberOfThreads) {
  const tests::EveryOperator network(3);
  const Calibration calibration{6, [&](std::int64_t index) { return network.picture(static_cast<unsigned>(index)); }};
  Options options;
  options.bits = bit_choice("4");
  const std::string nearest = onnx::onnx_bytes(quantize(network.prepared(), calibration, options));
  options.learn_rounding = true;
  const std::string once = onnx::onnx_bytes(quantize(network.prepared(), calibration, options));
  options.threads = 3;
  EXPECT_EQ(onnx::onnx_bytes(quantize(network.prepared(), calibration, options)), once);
  EXPECT_NE(once, nearest);
}

TEST(LearnRounding, IsTheChoiceBelowEightBitsUnlessSaidOtherwise) {
  const tests::EveryOperator network(3);
  const Calibration calibration{6, [&](std::int64_t index) { return network.picture(static_cast<unsigned>(index)); }};
  const auto bytes = [&](const char* bits, std::optional<bool> learn_rounding) {
    Options options;
    options.bits = bit_choice(bits);
    options.learn_rounding = learn_rounding;
    return onnx::onnx_bytes(quantize(network.prepared(), calibration, options));
  };
  EXPECT_EQ(bytes("8", std::nullopt), bytes("8", false));
  EXPECT_NE(bytes("8", std::nullopt), bytes("8", true));
  EXPECT_EQ(bytes("mixed", std::nullopt), bytes("mixed", true));
  EXPECT_NE(bytes("mixed", std::nullopt), bytes("mixed", false));
}

TEST(Equalize, LeavesTheFloatNetworksAnswersAsTheyAre) {
  for (const bool depthwise : {false, true}) {
    const Graph graph = two_convolutions(300, depthwise), balanced = equalized(graph, pictures(), 2);
    EXPECT_NE(balanced.constants.at("w1").bytes, graph.constants.at("w1").bytes);
    const reference::FloatInterpreter before(graph), after(balanced);
    for (std::int64_t index = 0; index < 5; ++index) {
      EXPECT_EQ(before.run(smooth_picture(index)).at("y").bytes, after.run(smooth_picture(index)).at("y").bytes);
    }
  }
}

TEST(Equalize, HelpsWhereChannelsDifferMuch) {
  for (const bool depthwise : {false, true}) {
    const Graph graph = two_convolutions(300, depthwise);
    Options options = plain(4);
    const double before = mean_squared_error(graph, options);
    options.equalize = true;
    EXPECT_LT(mean_squared_error(graph, options), 0.5 * before) << (depthwise ? "depthwise" : "dense");
  }
}

TEST(Equalize, TouchesNothingThatSomebodyElseReads) {
  Graph graph = two_convolutions(300);
  graph.outputs.push_back(graph.values.at("r"));
  const Graph same = equalized(graph, pictures(), 1);
  EXPECT_EQ(same.constants.at("w1").bytes, graph.constants.at("w1").bytes);
  EXPECT_EQ(same.constants.at("w2").bytes, graph.constants.at("w2").bytes);
}

}  // namespace
}  // namespace northpole::quantize
