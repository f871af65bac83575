#include "northpole/choose_bits.h"

#include <gmock/gmock.h>

#include <random>

#include "choose/estimate.h"
#include "choose/sensitivity.h"
#include "data/picture_transform.h"
#include "network/error.h"
#include "network/prepare.h"
#include "onnx/write_onnx.h"
#include "quantize/points.h"
#include "reference/float_interpreter.h"
#include "support/network_builder.h"

namespace northpole {
namespace {

using network::Graph;
using network::Tensor;
using Ints = std::vector<std::int64_t>;

// Eight classes: the quadrant that is bright, and whether it is grey or red. Pictures of 16 x 16.
class Quadrants : public data::Dataset {
 public:
  explicit Quadrants(std::int64_t size) : size_(size) {}
  std::int64_t size() const override { return size_; }
  int label(std::int64_t index) const override { return static_cast<int>(index % 8); }
  data::Picture picture(std::int64_t index) const override {
    std::mt19937 random(static_cast<unsigned>(index));
    data::Picture picture;
    picture.height = picture.width = 16;
    const int label = this->label(index);
    for (int y = 0; y < 16; ++y) {
      for (int x = 0; x < 16; ++x) {
        const bool bright = (y / 8) * 2 + x / 8 == label % 4;
        for (int c = 0; c < 3; ++c) {
          const bool lit = bright && (label < 4 || c == 0);
          picture.samples.push_back(static_cast<std::uint8_t>((lit ? 150 : 40) + random() % 60));
        }
      }
    }
    return picture;
  }
  std::string picture_name(std::int64_t index) const override { return "quadrants[" + std::to_string(index) + "]"; }
  const std::vector<std::string>& class_names() const override { return names_; }

 private:
  std::int64_t size_;
  std::vector<std::string> names_;
};

// Three convolutions of 64 channels and a Gemm whose weights are the classes' mean features, so that it is right
// mostly.
Graph network() {
  std::mt19937 random(1);
  const auto values = [&](std::int64_t count, float range) {
    std::vector<float> result;
    for (std::int64_t i = 0; i < count; ++i) result.push_back((static_cast<float>(random()) * 0x1p-31f - 1) * range);
    return result;
  };
  network::NetworkBuilder builder(17);
  builder.input("x", {1, 3, 16, 16}).floats("w1", {64, 3, 3, 3}, values(64 * 27, 0.4f));
  builder.floats("w2", {64, 64, 3, 3}, values(64 * 576, 0.08f)).floats("w3", {64, 64, 3, 3}, values(64 * 576, 0.08f));
  builder.node("Conv", {"x", "w1"}, {"c1"}, {{"pads", Ints{1, 1, 1, 1}}}).node("Relu", {"c1"}, {"r1"});
  builder.node("Conv", {"r1", "w2"}, {"c2"}, {{"pads", Ints{1, 1, 1, 1}}}).node("Relu", {"c2"}, {"r2"});
  builder.node("Conv", {"r2", "w3"}, {"c3"}, {{"pads", Ints{1, 1, 1, 1}}}).node("Relu", {"c3"}, {"r3"});
  builder.node("AveragePool", {"r3"}, {"p"}, {{"kernel_shape", Ints{8, 8}}, {"strides", Ints{8, 8}}});
  builder.node("Flatten", {"p"}, {"f"}).output("f");
  Graph features = network::prepared(builder.graph);
  const Quadrants pictures(64);
  const data::PictureTransform transform = data::transform_of(features);
  const reference::FloatInterpreter interpreter(features);
  std::vector<std::vector<double>> means(8, std::vector<double>(256));
  std::vector<double> mean(256);
  for (std::int64_t i = 0; i < 64; ++i) {
    const Tensor f = interpreter.run({{"x", transform.input(pictures.picture(i), {1, 3, 16, 16})}}).at("f");
    for (std::size_t k = 0; k < 256; ++k) {
      means[static_cast<std::size_t>(i % 8)][k] += f.number(static_cast<std::int64_t>(k)) / 8;
      mean[k] += f.number(static_cast<std::int64_t>(k)) / 64;
    }
  }
  std::vector<float> dense(8 * 256), bias(8);
  for (std::size_t c = 0; c < 8; ++c) {
    double half = 0;
    for (std::size_t k = 0; k < 256; ++k) {
      dense[c * 256 + k] = static_cast<float>(means[c][k] - mean[k]);
      half += (means[c][k] * means[c][k] - mean[k] * mean[k]) / 2;
    }
    bias[c] = -static_cast<float>(half);
  }
  builder.graph.outputs.clear();
  builder.floats("w4", {8, 256}, dense).floats("b4", {8}, bias);
  builder.node("Gemm", {"f", "w4", "b4"}, {"y"}, {{"transB", std::int64_t{1}}}).output("y");
  builder.graph.source = "quadrants.onnx";
  return network::prepared(builder.graph);
}

QuantizeOptions quantization(int threads = 1) {
  QuantizeOptions options;
  options.limit = 48;
  options.threads = threads;
  return options;
}

ChooseBitsOptions small_chip(double max_drop) {
  ChooseBitsOptions options;
  options.max_drop = max_drop;
  options.most_assignments = 5;
  options.sensitivity_pictures = 4;
  options.chip.rows = options.chip.columns = 4;
  return options;
}

TEST(ChooseBits, FindsAFasterAssignmentWithinTheDrop) {
  const Quadrants pictures(96);
  const ChosenBits chosen = choose_bits(network(), pictures, quantization(2), small_chip(5));
  ASSERT_GE(chosen.frontier.size(), 2u);
  EXPECT_GT(chosen.float_top1, 0.8);
  EXPECT_EQ(chosen.pictures, 48);
  EXPECT_TRUE(chosen.within_drop);
  int number_chosen = 0;
  for (const FrontierPoint& point : chosen.frontier) {
    EXPECT_EQ(point.widths.size(), 4u);
    EXPECT_EQ(point.widths.at("c1"), 8) << "the first layer";
    EXPECT_EQ(point.widths.at("y"), 8) << "the last layer";
    if (!point.chosen) continue;
    ++number_chosen;
    EXPECT_LE(100 * (chosen.float_top1 - point.top1), 5 + 1e-9);
    EXPECT_LT(point.cycles, chosen.frontier.front().cycles);
    EXPECT_GT(point.narrow_share, 0.4);
    // What is handed back is what was measured.
    EXPECT_EQ(choose::estimated_cycles(chosen.network, small_chip(5).chip).cycles, point.cycles);
  }
  EXPECT_EQ(number_chosen, 1);
  ASSERT_EQ(chosen.layers.size(), 4u);
  for (const LayerChoice& layer : chosen.layers) {
    EXPECT_FALSE(layer.reason.empty()) << layer.name;
    EXPECT_LT(layer.change.at(8), layer.change.at(4)) << layer.name;
    EXPECT_LT(layer.change.at(4), layer.change.at(2)) << layer.name;
  }
  EXPECT_EQ(chosen.layers[1].multiply_accumulates, 16u * 16 * 64 * 64 * 9);
  EXPECT_LT(chosen.layers[1].cycles.at(4), chosen.layers[1].cycles.at(8));
}

TEST(ChooseBits, IsTheSameWithAnyNumberOfThreads) {
  const Quadrants pictures(64);
  ChooseBitsOptions options = small_chip(2);
  options.widths = {8, 4};
  options.most_assignments = 2;
  QuantizeOptions alone = quantization(1), together = quantization(3);
  alone.limit = together.limit = 10;
  const ChosenBits once = choose_bits(network(), pictures, alone, options);
  const ChosenBits again = choose_bits(network(), pictures, together, options);
  EXPECT_EQ(onnx::onnx_bytes(once.network), onnx::onnx_bytes(again.network));
}

TEST(ChooseBits, KeepsWhatWasAskedFor) {
  const Quadrants pictures(64);
  QuantizeOptions options = quantization(2);
  options.learn_rounding = false;
  options.layer_bits["c2"] = {8, 8};
  const ChosenBits chosen = choose_bits(network(), pictures, options, small_chip(100));
  EXPECT_EQ(chosen.layers[1].width, 8);
  EXPECT_EQ(chosen.layers[1].reason, "as asked for");
  EXPECT_LT(chosen.layers[2].width, 8) << "everything may be lost";
}

TEST(ChooseBits, RefusesClassesThatTheNetworkDoesNotHaveAndWidthsWithoutEight) {
  class Wrong : public Quadrants {
   public:
    using Quadrants::Quadrants;
    int label(std::int64_t) const override { return 9; }
  };
  const Wrong pictures(16);
  EXPECT_THROW(choose_bits(network(), pictures, quantization(), small_chip(1)), Error);
  ChooseBitsOptions options = small_chip(1);
  options.widths = {4, 2};
  EXPECT_THROW(choose_bits(network(), Quadrants(16), quantization(), options), Error);
}

TEST(Sensitivity, LayersThatReadTheSameValueAreOneUnit) {
  network::NetworkBuilder builder(17);
  builder.input("x", {1, 2, 4, 4}).floats("w", {2, 2, 1, 1}, {1, 0, 0, 1}).floats("v", {2, 2, 1, 1}, {1, 1, 0, 1});
  builder.node("Conv", {"x", "w"}, {"a"}).node("Relu", {"a"}, {"r"});
  builder.node("Conv", {"r", "w"}, {"b"}).node("Conv", {"r", "v"}, {"c"}).node("Add", {"b", "c"}, {"s"});
  builder.node("Conv", {"s", "w"}, {"d"}).node("Conv", {"d", "w"}, {"y"}).output("y");
  const Graph graph = network::prepared(builder.graph);
  const auto units = choose::units_of(graph, quantize::find_points(graph));
  ASSERT_EQ(units.size(), 4u);
  EXPECT_TRUE(units[0].outer);
  EXPECT_THAT(units[1].layers, testing::ElementsAre("b", "c"));
  EXPECT_FALSE(units[1].outer);
  EXPECT_FALSE(units[2].outer);
  EXPECT_TRUE(units[3].outer);
}

}  // namespace
}  // namespace northpole
