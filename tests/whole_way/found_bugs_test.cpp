// Networks that once came out wrong or were refused without need, each as small as it gets.
#include <gtest/gtest.h>

#include "support/quantized_network.h"
#include "support/whole_way.h"

namespace northpole::tests {
namespace {

using network::ElementType;
using network::Shape;
using network::Tensor;
using reference::int8;
using reference::QuantizedNetwork;
using reference::uint8;
using Attributes = QuantizedNetwork::Attributes;
using Ints = std::vector<std::int64_t>;

chip::ChipDescription array(std::uint32_t rows, std::uint32_t columns) {
  chip::ChipDescription chip;
  chip.rows = rows;
  chip.columns = columns;
  return chip;
}

// A network with one float input of the given shape, quantized.
struct Small : QuantizedNetwork {
  explicit Small(const Shape& shape) {
    graph.source = "small.onnx";
    graph.name = "small";
    x = quantize(input(shape, std::vector<float>(static_cast<std::size_t>(network::element_count(shape)))),
                 int8(0.05F, 3));
  }
  std::string conv(const std::string& from, const Shape& shape, std::int64_t padding = 0) {
    Ints codes;
    for (std::int64_t i = 0; i < network::element_count(shape); ++i) codes.push_back((i * 37 + 11) % 201 - 100);
    const std::string w = weights(Tensor::of_integers(ElementType::int8, shape, codes), {0.01F}, 0);
    return node("Conv", {from, w}, {{"kernel_shape", Ints{shape[2], shape[3]}}, {"pads", Ints(4, padding)}});
  }
  std::string matrix(const std::string& from, std::int64_t inputs, std::int64_t outputs) {
    Ints codes;
    for (std::int64_t i = 0; i < inputs * outputs; ++i) codes.push_back((i * 29 + 5) % 255 - 127);
    return node("MatMul",
                {from, weights(Tensor::of_integers(ElementType::int8, {inputs, outputs}, codes), {0.01F}, 1)});
  }
  std::string integers(const Ints& values) {
    return constant(Tensor::of_integers(ElementType::int64, {static_cast<std::int64_t>(values.size())}, values));
  }
  void equals_reference(const chip::ChipDescription& chip = array(4, 4)) const {
    const WholeWay way = whole_way(graph, chip);
    EXPECT_EQ(way.refused, "");
    EXPECT_EQ(way.failed, "");
  }
  std::string refusal() const { return whole_way(graph, array(4, 4)).refused; }
  std::string x;
};

TEST(FoundBugs, AGateOfOnePositionMayComeFirst) {
  for (const char* op : {"Mul", "Sub", "Add"}) {
    Small small({1, 40, 5, 6});
    const std::string mean = small.quantize(small.node("GlobalAveragePool", {small.x}), uint8(0.01F, 100));
    const std::string gate = small.quantize(small.node("Sigmoid", {mean}), uint8(1.0F / 255));
    small.output(small.quantize(small.node(op, {gate, small.x}), int8(0.04F)));
    small.equals_reference();
  }
}

TEST(FoundBugs, ConstantsMayBeScalars) {
  for (const char* op : {"Mul", "Sub", "Add"})
    for (const bool first : {false, true}) {
      Small small({1, 3, 4, 4});
      const std::string c = small.constant(Tensor::of_floats({}, {0.7F}));
      small.output(
          small.quantize(small.node(op, first ? std::vector{c, small.x} : std::vector{small.x, c}), uint8(0.05F, 128)));
      small.equals_reference();
    }
}

TEST(FoundBugs, OperandsOfOtherRanksAreRefusedByName) {
  Small with_constant({1, 6});
  const std::string c = with_constant.constant(Tensor::of_floats({1, 1, 1, 6}, {1, 2, 3, 4, 5, 6}));
  with_constant.output(with_constant.quantize(with_constant.node("Mul", {with_constant.x, c}), int8(0.1F)));
  EXPECT_TRUE(names_a_node(with_constant.refusal(), with_constant.graph)) << with_constant.refusal();

  Small two({1, 6});
  const std::string deep = two.quantize(two.node("Unsqueeze", {two.x, two.integers({2, 3})}), int8(0.02F));
  two.output(two.quantize(two.node("Add", {two.x, deep}), int8(0.1F)));
  EXPECT_TRUE(names_a_node(two.refusal(), two.graph)) << two.refusal();
}

TEST(FoundBugs, AnInputThatIsSplitIsNotPackedForOneReader) {
  Small small({1, 1, 3, 11});
  const std::string left = small.node("Split", {small.x, small.integers({9, 2})}, {{"axis", std::int64_t{3}}}, 2);
  const std::string right = small.graph.nodes.back().outputs[1];
  const std::string flat = small.node("Reshape", {left, small.integers({1, 27})});
  small.output(small.quantize(small.matrix(flat, 27, 5), int8(0.1F)));
  small.output(small.quantize(small.node("Sigmoid", {right}), uint8(1.0F / 255)));
  small.equals_reference(array(1, 4));
}

TEST(FoundBugs, AnInputIsPackedOnceForAConvolutionThatIsQuantizedTwice) {
  Small small({1, 3, 8, 8});
  const std::string made = small.conv(small.x, {8, 3, 3, 3}, 1);
  small.output(small.quantize(made, int8(0.1F)));
  small.output(small.quantize(small.node("Relu", {made}), uint8(0.07F)));
  small.equals_reference();
}

TEST(FoundBugs, AMatrixProductMayReadATensorTwice) {
  Small small({1, 5, 2, 3});
  const std::string twice = small.node("Concat", {small.x, small.x}, {{"axis", std::int64_t{1}}});
  const std::string flat = small.node("Flatten", {twice}, {{"axis", std::int64_t{1}}});
  small.output(small.quantize(small.matrix(flat, 60, 10), int8(0.1F)));
  small.equals_reference();
}

TEST(FoundBugs, PartialSumsWaitForSlowLinks) {
  // Three cores sum one product each, for one block of outputs right after the other.
  Small small({1, 3, 6, 5});
  small.output(
      small.quantize(small.matrix(small.node("Flatten", {small.x}, {{"axis", std::int64_t{1}}}), 90, 64), int8(0.5F)));
  for (const std::uint32_t cycles : {1, 3, 4, 9}) {
    chip::ChipDescription chip = array(1, 4);
    chip.partial_sum_link_cycles = cycles;
    chip.vmm_latency = 1;
    small.equals_reference(chip);
  }
}

TEST(FoundBugs, PaddingOfSeveralValues) {
  Small small({1, 4, 5, 5});
  const auto pad = [&](const std::string& from, float value) {
    return small.node("Pad",
                      {from, small.integers({0, 0, 1, 2, 0, 0, 1, 0}), small.constant(Tensor::of_floats({}, {value}))},
                      {{"mode", std::string("constant")}});
  };
  const std::string twice = pad(pad(small.x, 0.0F), 1.5F);
  small.output(small.quantize(
      small.conv(small.node("Concat", {twice, pad(pad(small.x, -2.0F), -2.0F)}, {{"axis", std::int64_t{1}}}),
                 {6, 8, 3, 3}, 1),
      int8(0.2F)));
  small.output(twice);
  small.equals_reference();
}

}  // namespace
}  // namespace northpole::tests
