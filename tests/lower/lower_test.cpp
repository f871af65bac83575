// Lowered networks, evaluated layer by layer, against the reference interpreter: every width of activations and
// weights, every option.
#include "lower/lower.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "network/error.h"
#include "network/prepare.h"
#include "reference/quantized_interpreter.h"
#include "support/layer_evaluation.h"
#include "support/quantized_network.h"

namespace northpole::lower {
namespace {

using network::ElementType;
using network::Tensor;
using reference::window;
using Integers = std::vector<std::int64_t>;
using reference::Quantization;

ElementType type_of(int bits, bool is_signed) {
  if (bits == 8) return is_signed ? ElementType::int8 : ElementType::uint8;
  if (bits == 4) return is_signed ? ElementType::int4 : ElementType::uint4;
  return is_signed ? ElementType::int2 : ElementType::uint2;
}

const Options every_option{true, true, true, true};

struct Network : reference::QuantizedNetwork {
  explicit Network(const network::Shape& shape, const Quantization& quantization = reference::int8(0.05F, 3)) {
    graph.source = "small.onnx";
    graph.name = "small";
    x = quantize(input(shape, std::vector<float>(static_cast<std::size_t>(network::element_count(shape)))),
                 quantization);
  }
  std::string random_weights(const network::Shape& shape, ElementType type, std::int64_t axis, Integers zeros = {}) {
    Integers codes;
    const std::int32_t low = network::lowest_code(type), high = network::highest_code(type);
    for (std::int64_t i = 0; i < network::element_count(shape); ++i)
      codes.push_back(low + static_cast<std::int64_t>(random() % static_cast<std::uint64_t>(high - low + 1)));
    std::vector<float> scales(std::max<std::size_t>(zeros.size(), 1), 0.7F / static_cast<float>(high));
    return weights(Tensor::of_integers(type, shape, codes), scales, axis, zeros);
  }
  std::string conv(const std::string& from, const network::Shape& shape, ElementType type, Integers strides = {1, 1},
                   Integers pads = {0, 0, 0, 0}, std::int64_t group = 1, Integers zeros = {}) {
    Attributes attributes = window({shape[2], shape[3]}, std::move(strides), std::move(pads));
    attributes["group"] = group;
    return node("Conv", {from, random_weights(shape, type, 0, std::move(zeros))}, attributes);
  }
  LayerGraph lowered(const Options& options = {}) const { return lower(network::prepared(graph), chip, options); }
  // Every tensor that the layers store equals the reference's; gives their number.
  std::size_t check(const Options& options = {}) {
    const network::Graph prepared = network::prepared(graph);
    const LayerGraph layers = lower(prepared, chip, options);
    const network::Port& port = prepared.inputs[0];
    Tensor real = Tensor::zeros(ElementType::float32, port.shape);
    for (std::int64_t i = 0; i < real.size(); ++i)
      real.data<float>()[i] = std::uniform_real_distribution<float>(-8, 8)(random);
    std::map<std::string, std::vector<std::int32_t>> expected;
    reference::QuantizedInterpreter(prepared, reference::Precision::fp16)
        .run({{port.name, real}}, [&](const std::string& name, const reference::QuantizedTensor& tensor) {
          expected[name].assign(tensor.codes.begin(), tensor.codes.end());
        });
    tests::LayerEvaluation evaluation(layers, chip::VectorPrecision::fp16);
    evaluation.run(expected.at(layers.input.layout.tensor));
    std::size_t compared = 0;
    for (std::size_t t = 0; t < layers.tensors.size(); ++t) {
      if (!layers.tensors[t].in_graph || evaluation.codes(t).empty()) continue;
      EXPECT_EQ(evaluation.codes(t), expected.at(layers.tensors[t].name)) << layers.tensors[t].name;
      ++compared;
    }
    return compared;
  }
  void check_all() {
    const std::size_t plain = check();
    for (int bit = 0; bit < 4; ++bit) {
      Options options;
      (bit == 0   ? options.fuse_second_operands
       : bit == 1 ? options.fuse_functions
       : bit == 2 ? options.phases
                  : options.narrow_weights) = true;
      EXPECT_LE(check(options), plain);
    }
    check(every_option);
  }
  std::string x;
  chip::ChipDescription chip;
  std::mt19937_64 random{7};
};

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

// ResNet-50's first convolution: 56 words a row, two output columns from each.
TEST(InputPacking, AWordServesSeveralOutputColumns) {
  Network net({1, 3, 224, 224});
  net.output(
      net.quantize(net.conv(net.x, {64, 3, 7, 7}, ElementType::int8, {2, 2}, {3, 3, 3, 3}), reference::int8(1.0F)));
  Options options;
  const LayerGraph plain = net.lowered(options);
  EXPECT_EQ(plain.input.layout.width, 112U);
  EXPECT_EQ(plain.layers[0].phases, 1);
  options.phases = true;
  const LayerGraph layers = net.lowered(options);
  const Layer& layer = layers.layers[0];
  EXPECT_EQ(layers.input.layout.width, 56U);
  EXPECT_EQ(layers.input.layout.height, 224U);
  EXPECT_EQ(layer.phases, 2);
  EXPECT_EQ(layer.window_height, 7);
  EXPECT_EQ(layer.window_width, 1);
  EXPECT_EQ(layer.weights.bytes.size(), 2U * 2 * 7 * 1024);
}

TEST(InputPacking, EveryShape) {
  struct Shape {
    std::int64_t channels, size, kernel, stride, pad;
  };
  std::size_t phases = 0, taps = 0, folded = 0, smaller = 0;
  for (const Shape& s : {Shape{3, 23, 7, 2, 3}, Shape{3, 14, 3, 1, 1}, Shape{3, 21, 3, 2, 1}, Shape{3, 31, 11, 4, 2},
                         Shape{1, 14, 5, 1, 2}, Shape{12, 9, 3, 1, 1}, Shape{4, 16, 4, 4, 0}, Shape{3, 17, 1, 3, 0}})
    for (const ElementType type : {ElementType::uint8, ElementType::int4}) {
      SCOPED_TRACE(testing::Message() << s.channels << " channels, kernel " << s.kernel << ", stride " << s.stride
                                      << ", " << network::element_name(type));
      Network net({1, s.channels, s.size, s.size + 3}, {type, 0.1F, 2});
      net.output(net.quantize(net.conv(net.x, {40, s.channels, s.kernel, s.kernel}, ElementType::int4,
                                       {s.stride, s.stride}, Integers(4, s.pad)),
                              reference::int8(0.2F)));
      net.chip.rows = net.chip.columns =
          2;  // few cores: what a word holds matters more than how many weights there are
      for (const Options& options : {Options{}, every_option}) {
        EXPECT_EQ(net.check(options), 1U) << "the convolution's tensor";
        const LayerGraph layers = net.lowered(options);
        phases += layers.layers[0].phases > 1;
        taps += layers.layers[0].window_width > 1;
        folded += layers.layers[0].window_height == 1 && s.kernel > 1;
        smaller += layers.input.layout.width < static_cast<std::uint32_t>(s.size + 3);
      }
    }
  EXPECT_GT(phases, 3U);
  EXPECT_GT(taps, 3U);
  EXPECT_GT(folded, 3U);
  EXPECT_GT(smaller, 15U);
}

}  // namespace
}  // namespace northpole::lower
