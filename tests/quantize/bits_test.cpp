#include "quantize/bits.h"

#include <gmock/gmock.h>

#include "generate/networks.h"
#include "network/error.h"
#include "network/prepare.h"
#include "onnx/read_onnx.h"
#include "onnx/write_onnx.h"
#include "quantize/quantize.h"
#include "quantize/weights.h"
#include "reference/quantized_interpreter.h"
#include "support/every_operator.h"
#include "support/network_builder.h"

namespace northpole::quantize {
namespace {

using network::ElementType;
using network::Graph;
using network::Node;
using testing::HasSubstr;
using testing::ThrowsMessage;

class Plan {
 public:
  Plan(const Graph& graph, const BitChoice& choice)
      : points_(find_points(graph)), plan_(plan_bits(graph, points_, choice)) {}
  int of(const std::string& value) const { return plan_.groups[points_.group_of.at(value)]; }
  int weights(const std::string& layer) const { return plan_.weights.at(layer); }

 private:
  Points points_;
  BitPlan plan_;
};

Graph resnet18() { return network::prepared(generate::resnet18(1)); }

TEST(Bits, OneWidthForAllButTheEnds) {
  for (const auto& [name, bits] : {std::pair{"8", 8}, std::pair{"4", 4}, std::pair{"2", 2}}) {
    const Plan plan(resnet18(), bit_choice(name));
    EXPECT_EQ(plan.of("picture"), 8);
    EXPECT_EQ(plan.weights("conv1"), bits);
    EXPECT_EQ(plan.of("relu"), bits);
    EXPECT_EQ(plan.of("flatten"), bits);
    EXPECT_EQ(plan.weights("fc"), bits);
    EXPECT_EQ(plan.of("fc"), 8);
  }
}

TEST(Bits, MixedIsWideInTheFirstAndLastLayers) {
  const Graph graph = resnet18();
  const Plan plan(graph, bit_choice("mixed"));
  for (const Node& node : graph.nodes) {
    if (node.op == "Conv" || node.op == "Gemm") {
      EXPECT_EQ(plan.weights(node.name), node.name == "conv1" || node.name == "fc" ? 8 : 4) << node.name;
    }
  }
  EXPECT_EQ(plan.of("picture"), 8);
  EXPECT_EQ(plan.of("relu"), 4) << "the second layer reads it";
  EXPECT_EQ(plan.of("maxpool"), 4);
  EXPECT_EQ(plan.of("layer4.1.relu"), 4) << "only the average reads it";
  EXPECT_EQ(plan.of("avgpool"), 8) << "flattened, it is the last layer's input";
  EXPECT_EQ(plan.of("fc"), 8);
}

TEST(Bits, ResultsThatAreAddedInPassingStayWide) {
  BitChoice choice = bit_choice("mixed");
  const Plan plan(resnet18(), choice);
  EXPECT_EQ(plan.of("layer1.0.conv2"), 8) << "the vector unit adds the shortcut before it stores";
  EXPECT_EQ(plan.of("layer2.0.downsample"), 8) << "the later of the two operands";
  EXPECT_EQ(plan.of("layer2.0.conv2"), 4) << "is stored until the shortcut is there";
  choice.passing = 4;
  EXPECT_EQ(Plan(resnet18(), choice).of("layer1.0.conv2"), 4);
}

TEST(Bits, EachHeadIsALastLayerAndAJoinIsAsWideAsItsReaderNeeds) {
  const Plan detection(network::prepared(generate::detection(1)), bit_choice("mixed"));
  for (const char* head : {"coarse.head", "fine.head"}) {
    EXPECT_EQ(detection.weights(head), 8);
    EXPECT_EQ(detection.of(head), 8);
  }
  EXPECT_EQ(detection.of("fine.conv.leaky"), 8);
  EXPECT_EQ(detection.of("fine.concat"), 4);
  EXPECT_EQ(detection.of("conv5.leaky"), 4);
  EXPECT_EQ(detection.of("conv5"), 8) << "passes on through LeakyRelu";
  BitChoice choice = bit_choice("mixed");
  choice.layers["fine.conv"] = {4, 8};
  const Plan wider(network::prepared(generate::detection(1)), choice);
  EXPECT_EQ(wider.weights("fine.conv"), 4);
  EXPECT_EQ(wider.of("fine.concat"), 8);
  EXPECT_EQ(wider.of("conv5.leaky"), 8) << "two readers, the wider counts; the inputs of a Concat share their type";
}

TEST(Bits, WhatTheHostReadsIsAnEnd) {
  const tests::EveryOperator network(3);
  const Plan plan(network.prepared(), bit_choice("4"));
  EXPECT_EQ(plan.of("logits"), 8);
}

TEST(Bits, RefusesWhatTheMachineCannotDo) {
  const Graph graph = network::prepared(generate::mlp(1));
  const auto message = [&](BitChoice choice) {
    try {
      Plan(graph, choice);
    } catch (const Error& error) {
      return std::string(error.what());
    }
    return std::string();
  };
  BitChoice choice = bit_choice("4");
  choice.layers["fc2"] = {8, 4};
  EXPECT_THAT(message(choice), HasSubstr("'fc2': weights of 8 bits are wider than its activations of 4"));
  choice.layers["fc2"] = {3, 4};
  EXPECT_THAT(message(choice), HasSubstr("3 bits are not supported"));
  choice.layers = {{"fc9", {4, 4}}};
  EXPECT_THAT(message(choice), HasSubstr("no layer with weights called 'fc9'"));
  EXPECT_THAT([] { bit_choice("5"); }, ThrowsMessage<Error>(HasSubstr("use 8, 4, 2 or mixed")));
}

TEST(Bits, NoLayerHasWeightsWiderThanItsInputWhateverTheChoice) {
  const tests::EveryOperator every(5);
  const Calibration calibration{4, [&](std::int64_t i) { return every.picture(static_cast<unsigned>(i)); }};
  for (const char* name : {"8", "4", "2", "mixed"}) {
    Options options;
    options.bits = bit_choice(name);
    const Graph written = quantize(every.prepared(), calibration, options);
    const Graph graph = network::prepared(onnx::read_onnx_bytes(onnx::onnx_bytes(written), name));
    const auto bits_behind = [&](const std::string& value) {
      const Node* node = &graph.nodes[*graph.producer(value)];
      while (node->op != "DequantizeLinear") node = &graph.nodes[*graph.producer(node->inputs[0])];
      return network::element_bits(graph.values.at(node->inputs[0]).type);
    };
    int layers = 0;
    for (const Node& node : graph.nodes) {
      if (!has_weights(node)) continue;
      ++layers;
      EXPECT_GE(bits_behind(node.inputs[0]), bits_behind(node.inputs[1])) << name << " " << node.name;
    }
    EXPECT_GT(layers, 2);
    // The file means the same to the bit as the network that was written.
    const auto picture = every.picture(50);
    const auto before = reference::QuantizedInterpreter(written, reference::Precision::fp16).run(picture);
    const auto after = reference::QuantizedInterpreter(graph, reference::Precision::fp16).run(picture);
    for (const auto& [output, value] : before) EXPECT_EQ(after.at(output).bytes, value.bytes) << name << " " << output;
  }
}

}  // namespace
}  // namespace northpole::quantize
