// Every width of activations and weights, with every option.
#include "lower/lowered_network.h"
#include "network/error.h"

namespace northpole::lower {
namespace {

using network::ElementType;
using network::Tensor;
using reference::Quantization;
using reference::window;

ElementType type_of(int bits, bool is_signed) {
  if (bits == 8) return is_signed ? ElementType::int8 : ElementType::uint8;
  if (bits == 4) return is_signed ? ElementType::int4 : ElementType::uint4;
  return is_signed ? ElementType::int2 : ElementType::uint2;
}

struct Widths {
  int activations, weights;
  bool is_signed;
};

class EveryWidth : public testing::TestWithParam<Widths> {
 protected:
  Quantization activation(float scale, int zero = 0) const {
    const auto [bits, unused, is_signed] = GetParam();
    return {type_of(bits, is_signed), scale * static_cast<float>(256 >> bits), zero};
  }
  ElementType weight() const { return type_of(GetParam().weights, true); }
};

// A small residual network: everything that has an element's width in it.
TEST_P(EveryWidth, EqualsTheReference) {
  Network net({1, 3, 9, 10}, activation(0.05F, 1));
  const std::string a = net.quantize(net.node("Relu", {net.conv(net.x, {70, 3, 3, 3}, weight(), {2, 2}, {1, 1, 1, 1})}),
                                     activation(0.02F));
  const std::string b =
      net.quantize(net.conv(a, {40, 70, 1, 1}, weight()), activation(0.05F, -1 + !GetParam().is_signed));
  const std::string c = net.quantize(net.conv(a, {40, 70, 3, 3}, weight(), {1, 1}, {1, 1, 1, 1}), activation(0.06F, 1));
  const std::string sum = net.quantize(net.node("Relu", {net.node("Add", {b, c})}), activation(0.04F));
  const std::string deep =
      net.quantize(net.conv(sum, {40, 1, 3, 3}, weight(), {1, 1}, {1, 1, 1, 1}, 40), activation(0.02F));
  const std::string joined = net.node("Concat", {deep, a}, {{"axis", std::int64_t{1}}});
  const std::string pool =
      net.quantize(net.node("MaxPool", {deep}, window({3, 3}, {2, 2}, {1, 1, 1, 1})), activation(0.02F));
  const std::string mixed = net.quantize(net.conv(joined, {33, 110, 1, 1}, weight()), activation(0.05F));
  const std::string act = net.quantize(net.node("HardSwish", {mixed}), activation(0.05F));
  const std::string mean = net.quantize(net.node("GlobalAveragePool", {act}), activation(0.01F));
  const std::string gated = net.quantize(net.node("Mul", {act, mean}), activation(0.03F));
  const std::string shape = net.constant(Tensor::of_integers(ElementType::int64, {2}, {1, 40 * 3 * 3}));
  const std::string flat = net.node("Reshape", {pool, shape});
  net.output(net.quantize(net.node("MatMul", {flat, net.random_weights({360, 10}, weight(), 1)}), activation(0.1F)));
  net.output(gated);
  net.check_all();
}

INSTANTIATE_TEST_SUITE_P(Widths, EveryWidth,
                         testing::Values(Widths{8, 8, true}, Widths{8, 4, false}, Widths{8, 2, true},
                                         Widths{4, 4, false}, Widths{4, 4, true}, Widths{4, 2, true},
                                         Widths{2, 2, false}, Widths{2, 2, true}),
                         [](const auto& instance) {
                           const Widths& w = instance.param;
                           return std::string(w.is_signed ? "int" : "uint") + std::to_string(w.activations) + "_int" +
                                  std::to_string(w.weights);
                         });

TEST(Widths, WeightsTakeTheirBits) {
  Network net({1, 64, 2, 2}, {ElementType::int8, 0.1F, 0});
  const std::string a = net.quantize(net.conv(net.x, {32, 64, 1, 1}, ElementType::int4), {ElementType::int4, 0.5F, 0});
  net.output(net.quantize(net.conv(a, {32, 32, 1, 1}, ElementType::int2), {ElementType::int2, 2.0F, 0}));
  const LayerGraph layers = net.lowered();
  ASSERT_EQ(layers.layers.size(), 2U);
  const Weights& first = layers.layers[0].weights;
  EXPECT_EQ(first.bits, 4);
  EXPECT_EQ(first.block_bytes, 512);
  EXPECT_EQ(first.used_blocks, 2);
  EXPECT_EQ(first.bytes.size(), 1024U);
  const Weights& second = layers.layers[1].weights;
  EXPECT_EQ(second.bits, 2);
  EXPECT_EQ(second.block_bytes, 512);
  EXPECT_EQ(layers.layers[1].inputs[0].block_channels(), 64);
  EXPECT_EQ(layers.tensors[1].blocks(), 1);
  EXPECT_EQ(layers.tensors[2].block_channels(), 128);
  EXPECT_EQ(layers.layers[1].function.output_bits, 2);
  net.check_all();
}

// A float bias needs a third constant for each lane.
TEST(FloatBias, NeedsFourteenConstantRegisters) {
  Network net({1, 8, 4, 4});
  const std::string weights = net.random_weights({40, 8, 1, 1}, ElementType::int8, 0);
  const std::string bias = net.constant(Tensor::of_floats({40}, std::vector<float>(40, 0.123F)));
  net.output(net.quantize(net.node("Conv", {net.x, weights, bias}), {ElementType::int8, 0.4F, 0}));
  net.chip.constant_words = 14;
  net.check_all();
  net.chip.constant_words = 13;
  try {
    net.lowered();
    FAIL() << "taken";
  } catch (const Error& error) {
    const std::string said = error.what();
    EXPECT_NE(said.find("small.onnx: node '"), std::string::npos) << said;
    EXPECT_NE(said.find("takes 14 constant registers (constant_words); the chip has 13"), std::string::npos) << said;
    EXPECT_EQ(said.find('\n'), std::string::npos);
  }
}

// Activations of 4 bits under weights of 8 are stored in 8 bits first, once for all who need them so.
TEST(Widths, ActivationsNarrowerThanWeightsAreStoredWider) {
  Network net({1, 8, 4, 4});
  const std::string a = net.quantize(net.conv(net.x, {40, 8, 1, 1}, ElementType::int8), {ElementType::uint4, 0.4F, 5});
  const std::string b =
      net.quantize(net.conv(a, {8, 40, 3, 3}, ElementType::int8, {1, 1}, {1, 1, 1, 1}), {ElementType::int8, 0.4F, 0});
  const std::string c = net.quantize(net.conv(a, {8, 40, 1, 1}, ElementType::int8), {ElementType::int8, 0.4F, 0});
  net.output(net.quantize(net.node("Add", {b, c}), {ElementType::int4, 2.0F, 0}));
  const LayerGraph layers = net.lowered();
  EXPECT_EQ(std::count_if(layers.layers.begin(), layers.layers.end(),
                          [](const Layer& layer) { return layer.kind == LayerKind::elementwise; }),
            2)
      << "one to widen, one to add";
  net.check_all();
}

// The low half of an unsigned type's codes does not fit into signed weights of its width: more bits where activations
// have them, else more passes.
TEST(Widths, UnsignedAndAsymmetricWeights) {
  for (const ElementType activation : {ElementType::int8, ElementType::int4})
    for (const std::int64_t zero : {0, 8, 15}) {
      Network net({1, 8, 3, 3}, {activation, 0.4F, 0});
      net.output(net.quantize(net.conv(net.x, {8, 8, 3, 3}, ElementType::uint4, {1, 1}, {1, 1, 1, 1}, 1, {zero}),
                              {ElementType::int8, 0.4F, 0}));
      const Weights weights = net.lowered().layers[0].weights;
      if (activation == ElementType::int8) {
        EXPECT_EQ(weights.bits, zero == 8 ? 4 : 8);
        EXPECT_EQ(net.lowered().layers[0].inputs[0].blocks.size(), 1U);
      } else {
        EXPECT_EQ(net.lowered().layers[0].inputs[0].blocks.size(), zero == 8 ? 1U : zero == 0 ? 3U : 2U);
      }
      net.check_all();
    }
}

// Concatenations of whole words are read as they lie, others through a copy.
TEST(Widths, ConcatenationsOfWholeWordsAreFree) {
  for (const std::int64_t channels : {64, 32}) {
    const Quantization narrow{ElementType::uint4, 0.5F, 0};
    Network net({1, 8, 3, 3});
    const std::string a = net.quantize(net.conv(net.x, {channels, 8, 1, 1}, ElementType::int8), narrow);
    const std::string b =
        net.quantize(net.conv(net.x, {channels, 8, 3, 3}, ElementType::int8, {1, 1}, {1, 1, 1, 1}), narrow);
    const std::string joined = net.node("Concat", {a, b}, {{"axis", std::int64_t{1}}});
    net.output(net.quantize(net.node("MaxPool", {joined}, window({2, 2})), narrow));
    EXPECT_EQ(net.lowered().layers.size(), channels == 64 ? 3U : 4U);
    net.check_all();
  }
}

}  // namespace
}  // namespace northpole::lower
