// Linear layers that do an element-wise layer's work as well.
#include "lower/lowered_network.h"

namespace northpole::lower {
namespace {

using network::ElementType;
using network::Tensor;
using reference::Quantization;
using reference::window;

TEST(Fuse, ResidualsOfBothKinds) {
  for (const std::string op : {"Add", "Sub", "Mul"})
    for (const bool conv_first : {true, false}) {
      const Quantization q{ElementType::uint8, 0.05F, 7}, out{ElementType::int4, 0.9F, 1};
      Network net({1, 40, 4, 5}, q);
      const std::string branch =
          net.quantize(net.node("Relu", {net.conv(net.x, {40, 40, 3, 3}, ElementType::int8, {1, 1}, {1, 1, 1, 1})}),
                       {ElementType::int8, 0.11F, -3});
      net.output(net.quantize(
          net.node("Relu", {net.node(op, conv_first ? std::vector{branch, net.x} : std::vector{net.x, branch})}), out));
      const LayerGraph layers = net.lowered({true});
      const bool joins = op != "Mul" || conv_first;
      ASSERT_EQ(layers.layers.size(), joins ? 1U : 2U) << op;
      if (joins) {
        EXPECT_EQ(layers.layers[0].inputs.size(), 2U);
        EXPECT_EQ(layers.tensors.size(), 2U) << "the convolution's own tensor is stored nowhere";
        EXPECT_EQ(layers.layers[0].function.middle_lowest, 0) << "its Relu";
      }
      net.check_all();
    }
}

// Of two convolutions the later one takes the sum; a tensor with another reader, or a sum with itself, stays.
TEST(Fuse, TheLaterOfTwoAndNobodyElse) {
  const Quantization q{ElementType::int8, 0.05F, 0};
  Network net({1, 8, 4, 4}, q);
  const std::string a = net.quantize(net.conv(net.x, {8, 8, 1, 1}, ElementType::int8), q);
  const std::string b = net.quantize(net.conv(net.x, {8, 8, 3, 3}, ElementType::int8, {1, 1}, {1, 1, 1, 1}), q);
  const std::string sum = net.quantize(net.node("Add", {b, a}), q);
  const std::string c = net.quantize(net.conv(sum, {8, 8, 1, 1}, ElementType::int8), q);
  const std::string twice = net.quantize(net.node("Add", {c, c}), q);
  const std::string d = net.quantize(net.conv(twice, {8, 8, 1, 1}, ElementType::int8), q);
  net.output(d);
  net.output(net.quantize(net.node("Add", {d, twice}), q));
  const LayerGraph layers = net.lowered({true});
  ASSERT_EQ(layers.layers.size(), 6U);
  EXPECT_EQ(layers.layers[1].inputs.size(), 2U);
  EXPECT_EQ(layers.layers[1].window_height, 3);
  EXPECT_EQ(layers.layers[2].inputs.size(), 1U);
  net.check_all();
}

// A convolution that runs before the tensor it is added to waits for it.
TEST(Fuse, WaitsForTheOtherOperand) {
  const Quantization q{ElementType::int8, 0.05F, 0};
  Network net({1, 8, 4, 4}, q);
  const std::string a = net.quantize(net.conv(net.x, {8, 8, 1, 1}, ElementType::int8), q);
  const std::string pool = net.quantize(net.node("MaxPool", {net.x}, window({3, 3}, {1, 1}, {1, 1, 1, 1})), q);
  net.output(net.quantize(net.node("Add", {a, pool}), q));
  const LayerGraph layers = net.lowered({true});
  ASSERT_EQ(layers.layers.size(), 2U);
  EXPECT_EQ(layers.layers[0].kind, LayerKind::max_pool);
  net.check_all();
}

TEST(Fuse, FunctionsAndConstants) {
  const Quantization q{ElementType::int8, 0.05F, 2};
  for (const std::string op : {"HardSwish", "Sigmoid", "Mul", "Add"}) {
    Network net({1, 8, 4, 4}, q);
    const std::string a = net.quantize(net.conv(net.x, {40, 8, 1, 1}, ElementType::int8), q);
    std::vector<float> constants;
    for (int c = 0; c < 40; ++c) constants.push_back(static_cast<float>(c % 7) * 0.3F - 1);
    const bool constant = op == "Mul" || op == "Add";
    std::vector<std::string> inputs{a};
    if (constant) inputs.push_back(net.constant(Tensor::of_floats({1, 40, 1, 1}, constants)));
    net.output(net.quantize(net.node(op, inputs), {ElementType::uint4, 0.3F, 3}));
    Options options;
    options.fuse_functions = true;
    const LayerGraph layers = net.lowered(options);
    ASSERT_EQ(layers.layers.size(), 1U);
    EXPECT_EQ(layers.layers[0].lane_words, constant ? 12 : 8);
    net.check_all();
  }
}

}  // namespace
}  // namespace northpole::lower
