#include "generate/generate.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <map>

#include "data/picture_transform.h"
#include "generate/networks.h"
#include "generate/random_picture.h"
#include "generate/random_weights.h"
#include "network/error.h"
#include "network/infer_shapes.h"
#include "network/prepare.h"
#include "onnx/read_onnx.h"
#include "onnx/write_onnx.h"
#include "reference/float_interpreter.h"

namespace northpole::generate {
namespace {

using network::Graph;
using network::Node;
using network::Tensor;
using testing::ElementsAre;
using testing::HasSubstr;

std::int64_t weight_count(const Graph& graph) {
  std::int64_t count = 0;
  for (const auto& [name, tensor] : graph.constants) {
    if (name.ends_with(".weight") || name.ends_with(".bias")) count += tensor.size();
  }
  return count;
}

// Multiply-accumulates of all convolutions and fully connected layers, for one picture.
std::int64_t multiply_accumulates(Graph graph) {
  network::infer_shapes(graph);
  std::int64_t total = 0;
  for (const Node& node : graph.nodes) {
    if (node.op != "Conv" && node.op != "Gemm") continue;
    const network::Shape& weights = graph.constant(node.inputs[1])->shape;
    total +=
        network::element_count(graph.values.at(node.outputs[0]).shape) * network::element_count(weights) / weights[0];
  }
  return total;
}

// The weights (batch normalisation folded into one bias a channel) and the work of each network are well known.
TEST(StandardNetworks, HaveTheirPublishedSizes) {
  EXPECT_EQ(weight_count(resnet50(1)), 25'557'032 - 26'560);
  EXPECT_EQ(weight_count(resnet18(1)), 11'689'512 - 4'800);
  EXPECT_EQ(weight_count(mobilenet_v2(1)), 3'504'872 - 17'056);
  EXPECT_EQ(weight_count(mlp(1)), 784 * 512 + 512 + 512 * 512 + 512 + 512 * 10 + 10);
}

TEST(StandardNetworks, DoTheirPublishedWork) {
  EXPECT_EQ(multiply_accumulates(resnet50(1)), 4'089'184'256);
  EXPECT_EQ(multiply_accumulates(resnet18(1)), 1'814'073'344);
  EXPECT_EQ(multiply_accumulates(mobilenet_v2(1)), 300'774'272);
}

// Multiply-accumulates worked out by hand from the sizes of the layers.
TEST(StandardNetworks, TheDetectorHasTinyYolosSizeAndWork) {
  const Graph graph = detection(1);
  EXPECT_EQ(weight_count(graph), 8'858'734 - 3 * 3184) << "published, batch normalisation folded into the bias";
  EXPECT_NEAR(static_cast<double>(multiply_accumulates(graph)), 5.57e9 / 2, 2e7)
      << "published: 5.57 billion operations";
  ASSERT_EQ(graph.outputs.size(), 2u);
  EXPECT_EQ(graph.outputs[0].shape, (network::Shape{1, 255, 13, 13}));
  EXPECT_EQ(graph.outputs[1].shape, (network::Shape{1, 255, 26, 26}));
}

TEST(StandardNetworks, TheUNetGivesEachPixelItsClasses) {
  const Graph graph = unet(1);
  EXPECT_EQ(graph.outputs[0].shape, (network::Shape{1, 5, 224, 224}));
  std::map<std::string, int> count;
  for (const Node& node : graph.nodes) ++count[node.op];
  EXPECT_EQ(count,
            (std::map<std::string, int>{{"Conv", 15}, {"Relu", 14}, {"MaxPool", 3}, {"Resize", 3}, {"Concat", 3}}));
  EXPECT_EQ(multiply_accumulates(graph), 8'143'765'504);
}

TEST(StandardNetworks, Vgg16HasItsPublishedSizeAndWork) {
  const Graph graph = vgg16(1);
  EXPECT_EQ(weight_count(graph), 138'357'544);
  EXPECT_EQ(multiply_accumulates(graph), 15'470'264'320);
}

TEST(StandardNetworks, Resnet50StridesInThe3x3Convolution) {
  for (const Node& node : resnet50(1).nodes) {
    if (!node.name.starts_with("layer") || node.op != "Conv" || node.name.ends_with("downsample")) continue;
    if (node.integers("strides", {})[0] == 2) {
      EXPECT_TRUE(node.name.ends_with("conv2")) << node.name;
    }
  }
}

TEST(Generate, TheSameSeedGivesTheSameBytes) {
  const std::string bytes = onnx::onnx_bytes(generate("mlp", {.seed = 7}));
  EXPECT_EQ(onnx::onnx_bytes(generate("mlp", {.seed = 7})), bytes);
  EXPECT_NE(onnx::onnx_bytes(generate("mlp", {.seed = 8})), bytes);
}

TEST(Generate, EveryNetworkIsWrittenReadAndPrepared) {
  for (const StandardNetwork& standard : standard_networks()) {
    if (standard.name == "vgg16") continue;  // half a gigabyte
    const Graph graph = generate(std::string(standard.name));
    const Graph read = onnx::read_onnx_bytes(onnx::onnx_bytes(graph), std::string(standard.name));
    EXPECT_EQ(read.opset, 17);
    EXPECT_EQ(read.nodes.size(), graph.nodes.size());
    const Graph prepared = network::prepared(read);
    EXPECT_EQ(prepared.outputs.front().shape, graph.outputs.front().shape);
    EXPECT_EQ(data::transform_of(prepared), data::default_transform(graph.inputs.front().shape));
  }
}

TEST(Generate, SaysWhatItKnows) {
  try {
    generate("resnet51");
    FAIL();
  } catch (const Error& error) {
    EXPECT_STREQ(
        error.what(),
        "'resnet51' is no standard network; known are resnet50, resnet18, vgg16, mobilenet-v2, mlp, unet, detection");
  }
  EXPECT_THROW(generate("mlp", {.bits = "3"}), Error);
}

// The standard deviation of every value on one picture, by name.
std::map<std::string, double> deviations(const Graph& graph) {
  const data::PictureTransform transform = data::transform_of(graph);
  const reference::FloatInterpreter interpreter(network::prepared(graph));
  std::map<std::string, double> result;
  const auto visit = [&](const std::string& name, const Tensor& value) {
    double sum = 0, squares = 0;
    for (std::int64_t index = 0; index < value.size(); ++index) {
      sum += value.data<float>()[index];
      squares += std::pow(value.data<float>()[index], 2);
    }
    const double count = static_cast<double>(value.size());
    result[name] = std::sqrt(std::max(0.0, squares / count - std::pow(sum / count, 2)));
  };
  const data::Picture picture = random_picture(1, 0, transform.width, transform.height);
  interpreter.run({{graph.inputs[0].name, transform.input(picture, graph.inputs[0].shape)}}, visit);
  return result;
}

// Otherwise scales would be absurd and codes all zero or all saturated.
TEST(Generate, ActivationsNeitherVanishNorGrow) {
  for (const char* name : {"mlp", "mobilenet-v2", "resnet18", "unet", "detection"}) {
    for (const auto& [value, deviation] : deviations(generate(name))) {
      EXPECT_GT(deviation, 0.02) << name << ": " << value;
      EXPECT_LT(deviation, 20) << name << ": " << value;
    }
  }
}

TEST(Generate, QuantizedNetworksUseTheirCodes) {
  const Graph graph = generate("mlp", {.bits = "8"});
  std::int64_t quantized_weights = 0;
  for (const Node& node : graph.nodes) {
    if (node.op != "DequantizeLinear") continue;
    const Tensor* codes = graph.constant(node.inputs[0]);
    if (codes == nullptr || codes->type != network::ElementType::int8) continue;
    ++quantized_weights;
    std::int64_t largest = 0;
    for (std::int64_t index = 0; index < codes->size(); ++index)
      largest = std::max(largest, std::abs(codes->integer(index)));
    EXPECT_GE(largest, 100) << node.described();
  }
  EXPECT_EQ(quantized_weights, 3);
  EXPECT_EQ(onnx::onnx_bytes(graph), onnx::onnx_bytes(generate("mlp", {.bits = "8", .threads = 2})));
}

TEST(Generate, NarrowNetworksUseTheirCodes) {
  for (const auto& [bits, type] :
       {std::pair{"4", network::ElementType::int4}, std::pair{"2", network::ElementType::int2}}) {
    const Graph graph = generate("mlp", {.bits = bits});
    int layers = 0;
    for (const Node& node : graph.nodes) {
      const Tensor* codes = node.op == "DequantizeLinear" ? graph.constant(node.inputs[0]) : nullptr;
      if (codes == nullptr || codes->type != type) continue;
      ++layers;
      std::map<std::int64_t, int> count;
      for (std::int64_t index = 0; index < codes->size(); ++index) ++count[codes->integer(index)];
      for (std::int64_t code = network::lowest_code(type); code <= network::highest_code(type); ++code)
        EXPECT_GT(count[code], 0) << node.described() << " " << code;
    }
    EXPECT_EQ(layers, 3);
  }
}

TEST(Generate, OuterLayersAreWiderWhereAsked) {
  const Graph graph = generate("mlp", {.bits = "2", .outer_bits = 8});
  std::vector<network::ElementType> types;
  for (const Node& node : graph.nodes) {
    const Tensor* codes = node.op == "DequantizeLinear" ? graph.constant(node.inputs[0]) : nullptr;
    if (codes != nullptr && codes->shape.size() == 2) types.push_back(codes->type);
  }
  using enum network::ElementType;
  EXPECT_THAT(types, ElementsAre(int8, int2, int8));
}

TEST(RandomTensor, HasTheDeviationThatWasAskedFor) {
  const Tensor tensor = random_tensor(3, "x", {100, 1000}, 0.25);
  double sum = 0, squares = 0;
  for (std::int64_t index = 0; index < tensor.size(); ++index) {
    sum += tensor.data<float>()[index];
    squares += std::pow(tensor.data<float>()[index], 2);
  }
  EXPECT_NEAR(sum / 1e5, 0, 0.003);
  EXPECT_NEAR(std::sqrt(squares / 1e5), 0.25, 0.003);
}

TEST(RandomTensor, BalancedRowsAddUpToZero) {
  const Tensor tensor = random_tensor(3, "x", {10, 64, 3, 3}, 1, true);
  for (int row = 0; row < 10; ++row) {
    double sum = 0;
    for (int index = 0; index < 576; ++index) sum += tensor.data<float>()[576 * row + index];
    EXPECT_NEAR(sum, 0, 1e-4);
  }
}

// Fixed numbers: files made on different machines must be the same.
TEST(RandomTensor, IsTheSameEverywhere) {
  const Tensor tensor = random_tensor(1, "conv1.weight", {4}, 1);
  const float* values = tensor.data<float>();
  EXPECT_THAT(std::vector<float>(values, values + 4),
              ElementsAre(-0.115468293F, -0.751191437F, 1.61721683F, 1.20228159F));
}

}  // namespace
}  // namespace northpole::generate
