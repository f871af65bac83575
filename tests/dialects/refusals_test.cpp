// What cannot be represented exactly, or makes no sense, is refused in one line that names the node and helps.
#include <gmock/gmock.h>

#include <cmath>
#include <functional>
#include <limits>

#include "chip/chip_description.h"
#include "lower/lower.h"
#include "network/error.h"
#include "network/prepare.h"
#include "support/network_builder.h"

namespace northpole::network {
namespace {

using testing::HasSubstr;

std::string refusal(const Graph& graph) {
  try {
    // The importer refuses nearly all; what is plain QDQ and still means nothing to the machine, the compiler does.
    lower::lower(prepared(graph), chip::ChipDescription{});
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), testing::Not(HasSubstr("\n")));
    return error.what();
  }
  return "";
}

// x -> Quant -> MatMul with a Quant of weights -> Quant -> y; every part can be spoilt.
struct QonnxNetwork {
  std::vector<float> scale{0.25F}, weight_scale{0.5F};
  Shape scale_shape, weight_scale_shape;
  float zero = 0, bits = 4, weight_bits = 2;
  std::string rounding = "ROUND", op = "Quant", domain = "qonnx.custom_op.general";
  bool scale_is_input = false, has_bits = true;
  bool of_input = false;  // spoil the quantizer of the network's input instead of the layer's

  Graph graph() const {
    NetworkBuilder builder(17);
    builder.input("x", {1, 4}).counting("weights", {4, 3});
    builder.floats("one", {}, {1}).floats("none", {}, {0}).floats("four", {}, {4});
    builder.floats("s", scale_shape, scale).floats("z", {}, {zero}).floats("b", {}, {bits});
    builder.floats("ws", weight_scale_shape, weight_scale).floats("wb", {}, {weight_bits});
    if (scale_is_input) builder.input("s", {});
    if (scale_is_input) builder.graph.constants.erase("s");
    const NetworkBuilder::Names good{"one", "none", "four"};
    NetworkBuilder::Names spoilt{"s", "z", "b"};
    if (!has_bits) spoilt.pop_back();
    if (op == "BipolarQuant") spoilt = {"s"};
    const auto quant = [&](const std::string& x, const NetworkBuilder::Names& parameters, const std::string& y,
                           bool own) {
      NetworkBuilder::Names inputs{x};
      inputs.insert(inputs.end(), parameters.begin(), parameters.end());
      builder.node(own ? op : "Quant", inputs, {y}, {{"rounding_mode", own ? rounding : std::string("ROUND")}});
      builder.graph.nodes.back().domain = own ? domain : "qonnx.custom_op.general";
    };
    quant("x", of_input ? spoilt : good, "xq", of_input);
    quant("weights", {"ws", "none", "wb"}, "wq", false);
    builder.node("MatMul", {"xq", "wq"}, {"m"});
    quant("m", of_input ? good : spoilt, "y", !of_input);
    return builder.output("y").graph;
  }
};

TEST(QonnxRefusals, TheNetworkItselfIsTaken) {
  EXPECT_EQ(refusal(QonnxNetwork{}.graph()), "");
  QonnxNetwork three_bits;
  three_bits.bits = 3;
  three_bits.zero = 1;
  EXPECT_EQ(refusal(three_bits.graph()), "");
}

struct Spoilt {
  const char* name;
  std::function<void(QonnxNetwork&)> spoil;
  const char* words;
};
void PrintTo(const Spoilt& spoilt, std::ostream* stream) { *stream << spoilt.name; }

class QonnxRefusal : public testing::TestWithParam<Spoilt> {};

TEST_P(QonnxRefusal, NamesTheNodeAndWhatToDo) {
  QonnxNetwork network;
  GetParam().spoil(network);
  const std::string said = refusal(network.graph());
  EXPECT_THAT(said, HasSubstr(GetParam().words));
  EXPECT_THAT(said, testing::AnyOf(HasSubstr("node 'y'"), HasSubstr("node 'xq'"), HasSubstr("node 'wq'")));
}

constexpr float not_a_number = std::numeric_limits<float>::quiet_NaN();
constexpr float infinite = std::numeric_limits<float>::infinity();

INSTANTIATE_TEST_SUITE_P(
    Each, QonnxRefusal,
    testing::Values(
        Spoilt{"ZeroScale", [](QonnxNetwork& n) { n.scale = {0}; }, "scales are positive"},
        Spoilt{"NegativeScale", [](QonnxNetwork& n) { n.scale = {-1}; }, "scales are positive"},
        Spoilt{"ZeroWeightScale", [](QonnxNetwork& n) { n.weight_scale = {0}; }, "scales are positive"},
        Spoilt{"WeightScaleOfAnotherShape",
               [](QonnxNetwork& n) {
                 n.weight_scale = {1, 2}, n.weight_scale_shape = {2};
               },
               "fits no axis"},
        Spoilt{"ActivationsByChannel",
               [](QonnxNetwork& n) {
                 n.scale = {1, 2, 3}, n.scale_shape = {3};
               },
               "scaling_per_output_channel=False"},
        Spoilt{"ScaleThatIsAnInput", [](QonnxNetwork& n) { n.scale_is_input = true; }, "must be constant"},
        Spoilt{"NoWidth", [](QonnxNetwork& n) { n.has_bits = false; }, "bit width is missing"},
        Spoilt{"WidthZero", [](QonnxNetwork& n) { n.bits = 0; }, "bit width is 0"},
        Spoilt{"WidthNegative", [](QonnxNetwork& n) { n.bits = -4; }, "bit width is -4"},
        Spoilt{"WidthTooLarge", [](QonnxNetwork& n) { n.bits = 16; }, "bit width is 16; 1 to 8"},
        Spoilt{"WidthOfHalves", [](QonnxNetwork& n) { n.bits = 2.5F; }, "bit width is 2.5; whole numbers"},
        Spoilt{"WeightWidthTooLarge", [](QonnxNetwork& n) { n.weight_bits = 64; }, "bit width is 64; 1 to 32"},
        Spoilt{"ZeroPointOfHalves", [](QonnxNetwork& n) { n.zero = 0.5F; }, "zero point is 0.5"},
        Spoilt{"ZeroPointFarAway", [](QonnxNetwork& n) { n.zero = 300; }, "more than 8 bits"},
        Spoilt{"UnknownRounding", [](QonnxNetwork& n) { n.rounding = "STOCHASTIC"; }, "rounding_mode 'STOCHASTIC'"},
        Spoilt{"InputRoundedDown", [](QonnxNetwork& n) { n.of_input = true, n.rounding = "FLOOR"; }, "ROUND"},
        Spoilt{"InputOfOddZeroPoint", [](QonnxNetwork& n) { n.of_input = true, n.zero = 3; }, "even zero point"},
        Spoilt{"SignOfTheInput", [](QonnxNetwork& n) { n.of_input = true, n.op = "BipolarQuant"; }, "sign"}),
    [](const auto& info) { return info.param.name; });

TEST(QonnxRefusals, ScalesThatAreNoNumbers) {
  for (const float scale : {not_a_number, infinite}) {
    QonnxNetwork network;
    network.scale = {scale};
    EXPECT_THAT(refusal(network.graph()), HasSubstr("node 'y'"));
    network = {};
    network.weight_scale = {scale};
    EXPECT_THAT(refusal(network.graph()), HasSubstr("node 'wq'"));
  }
}

TEST(QonnxRefusals, AQuantizerOfADomainThatHasNone) {
  QonnxNetwork network;
  network.domain = "somebody.else";
  EXPECT_THAT(refusal(network.graph()), HasSubstr("not supported; supported are"));
}

// A clamp in the midst of the quantizer's range bends the line between layer and codes.
TEST(QonnxRefusals, ClampsWithinTheQuantizersRange) {
  for (const float high : {100.0F, 2.25F}) {
    QonnxNetwork network;
    network.scale = {1};
    Graph graph = network.graph();
    graph.constants["low"] = Tensor::of_floats({}, {-100});
    graph.constants["high"] = Tensor::of_floats({}, {high});
    graph.nodes.back().inputs[0] = "clamped";
    graph.nodes.insert(graph.nodes.end() - 1, {"clamped", "Clip", "", {"m", "low", "high"}, {"clamped"}, {}});
    const std::string said = refusal(graph);
    std::printf("  %s\n", said.c_str());
    if (high == 100) {
      EXPECT_EQ(said, "");
    } else {
      EXPECT_THAT(said, testing::AllOf(HasSubstr("node 'y'"), HasSubstr("no straight line")));
    }
  }
}

// A product of codes and weights whose sums are the network's output.
TEST(QonnxRefusals, OutputsThatTakeTooManyCodes) {
  QonnxNetwork network;
  Graph graph = network.graph();
  graph.constants["four"] = Tensor::of_floats({}, {8});
  graph.constants["wb"] = Tensor::of_floats({}, {8});
  graph.constants["ws"] = Tensor::of_floats({}, {0.01F});
  graph.nodes.pop_back();
  graph.outputs[0].name = "m";
  EXPECT_THAT(refusal(graph), testing::AllOf(HasSubstr("node 'm'"), HasSubstr("output quantized")));
}

TEST(QonnxRefusals, WeightsOfMoreThanEightBits) {
  QonnxNetwork network;
  network.weight_bits = 16;
  network.weight_scale = {0.01F};
  EXPECT_THAT(refusal(network.graph()), testing::AllOf(HasSubstr("node 'y'"), HasSubstr("weights of m"), HasSubstr("bit_width")));
}

// Operators on codes.
Graph with_operator(const std::string& op, const std::string& domain, const NetworkBuilder::Names& inputs,
                    const NetworkBuilder::Attributes& attributes = {}) {
  NetworkBuilder builder(17);
  builder.graph.inputs.push_back({"x", ElementType::uint8, {1, 2, 4, 4}});
  builder.floats("s", {}, {0.5F})
      .floats("s2", {2}, {0.5F, 0.5F})
      .floats("negative", {}, {-0.5F})
      .floats("zero", {}, {0});
  builder.constant("z", Tensor::of_integers(ElementType::uint8, {}, {3}));
  builder.constant("w", Tensor::of_integers(ElementType::int8, {3, 2, 1, 1}, {1, 2, 3, 4, 5, 6}));
  builder.constant("wz", Tensor::zeros(ElementType::int8, {}));
  builder.node(op, inputs, {"y"}, attributes);
  builder.graph.nodes.back().domain = domain;
  return builder.output("y").graph;
}

TEST(OperatorRefusals, EachInOneLine) {
  const std::string runtime = "com.microsoft";
  EXPECT_EQ(refusal(with_operator("QLinearConv", "", {"x", "s", "z", "w", "s", "wz", "s", "z"})), "");
  const auto conv = [](const NetworkBuilder::Names& inputs) {
    return refusal(with_operator("QLinearConv", "", inputs));
  };
  EXPECT_THAT(conv({"x", "s", "z", "w", "", "wz", "s", "z"}),
              HasSubstr("node 'y' (QLinearConv): its weight scale is missing"));
  EXPECT_THAT(conv({"x", "s", "z", "w", "s", "wz"}), HasSubstr("its output scale is missing"));
  EXPECT_THAT(conv({"x", "s", "z", "w", "negative", "wz", "s", "z"}), HasSubstr("scales are positive"));
  EXPECT_THAT(conv({"x", "zero", "z", "w", "s", "wz", "s", "z"}), HasSubstr("scales are positive"));
  EXPECT_THAT(conv({"x", "s", "z", "w", "s2", "wz", "s", "z"}), HasSubstr("does not fit axis"));
  EXPECT_THAT(conv({"x", "s", "z", "w", "s", "wz", "s2", "z"}), HasSubstr("does not fit"));
  EXPECT_THAT(refusal(with_operator("QLinearConv", runtime, {"x", "s", "z", "w", "s", "wz", "s", "z"},
                                    {{"channels_last", std::int64_t{1}}})),
              HasSubstr("its channels stand last"));
  EXPECT_THAT(refusal(with_operator("QLinearSoftmax", runtime, {"x", "s", "z", "s", "z"})),
              HasSubstr("nodes_to_exclude"));
  EXPECT_THAT(refusal(with_operator("DynamicQuantizeLinear", "", {"x"})), HasSubstr("quantize_static"));
  EXPECT_THAT(refusal(with_operator("QLinearConcat", runtime, {"s", "z", "x", "s"})),
              HasSubstr("it needs an output scale"));
  EXPECT_THAT(refusal(with_operator("QLinearWhere", runtime, {"x"})), HasSubstr("not supported; supported are"));
  EXPECT_THAT(refusal(with_operator("QLinearAdd", "", {"x", "s", "z", "x", "s", "z", "s", "z"})),
              HasSubstr("not supported; supported are"));
}

TEST(OperatorRefusals, PoolsAndProductsThatAreNotSupported) {
  const std::string runtime = "com.microsoft";
  const NetworkBuilder::Names pool{"x", "s", "z", "s", "z"};
  EXPECT_EQ(refusal(with_operator("QLinearGlobalAveragePool", runtime, pool)), "");
  for (const char* op : {"QLinearGlobalAveragePool", "QLinearAveragePool"}) {
    NetworkBuilder::Attributes attributes{{"channels_last", std::int64_t{1}}};
    if (op == std::string("QLinearAveragePool")) attributes["kernel_shape"] = std::vector<std::int64_t>{2, 2};
    EXPECT_THAT(refusal(with_operator(op, runtime, pool, attributes)), HasSubstr("its channels stand last")) << op;
  }
}

// x -> QuantizeLinear -> DequantizeLinear -> Conv -> pair -> y, as QDQ has it; every part can be spoilt.
struct QdqNetwork {
  Tensor scale = Tensor::of_floats({}, {0.1F}), zero = Tensor::zeros(ElementType::int8, {});
  NetworkBuilder::Attributes attributes;
  bool scale_is_input = false;

  Graph graph() const {
    NetworkBuilder builder(21);
    builder.input("x", {1, 2, 4, 4}).floats("s", {}, {0.1F}).constant("z", Tensor::zeros(ElementType::int8, {}));
    builder.constant("own_s", scale).constant("own_z", zero);
    if (scale_is_input) {
      builder.input("own_s", {});
      builder.graph.constants.erase("own_s");
    }
    builder.constant("w", Tensor::of_integers(ElementType::int8, {3, 2, 1, 1}, {1, 2, 3, 4, 5, 6}));
    builder.node("QuantizeLinear", {"x", "own_s", "own_z"}, {"xc"}, attributes);
    builder.node("DequantizeLinear", {"xc", "own_s", "own_z"}, {"xr"}, attributes);
    builder.node("DequantizeLinear", {"w", "s", "z"}, {"wr"}).node("Conv", {"xr", "wr"}, {"c"});
    builder.node("QuantizeLinear", {"c", "s", "z"}, {"yc"}).node("DequantizeLinear", {"yc", "s", "z"}, {"y"});
    return builder.output("y").graph;
  }
};

TEST(QdqRefusals, EachInOneLine) {
  EXPECT_EQ(refusal(QdqNetwork{}.graph()), "");
  const auto said = [](const std::function<void(QdqNetwork&)>& spoil) {
    QdqNetwork network;
    spoil(network);
    const std::string line = refusal(network.graph());
    std::printf("  %s\n", line.c_str());
    EXPECT_THAT(line, testing::AnyOf(HasSubstr("node 'xc'"), HasSubstr("node 'xr'")));
    return line;
  };
  EXPECT_THAT(said([](QdqNetwork& n) { n.scale = Tensor::of_floats({}, {0}); }), HasSubstr("scale"));
  EXPECT_THAT(said([](QdqNetwork& n) { n.scale = Tensor::of_floats({}, {-0.1F}); }), HasSubstr("scale"));
  EXPECT_THAT(said([](QdqNetwork& n) { n.scale = Tensor::of_floats({}, {not_a_number}); }), HasSubstr("NaN"));
  EXPECT_THAT(said([](QdqNetwork& n) { n.scale_is_input = true; }), HasSubstr("constant"));
  EXPECT_THAT(said([](QdqNetwork& n) {
                n.scale = Tensor::of_floats({2}, {0.1F, 0.2F});
                n.zero = Tensor::zeros(ElementType::int8, {2});
                n.attributes["axis"] = std::int64_t{1};
              }),
              HasSubstr("scale"));
  EXPECT_THAT(said([](QdqNetwork& n) {
                n.scale = Tensor::of_floats({1, 2, 4, 2}, std::vector<float>(16, 0.1F));
                n.zero = Tensor::zeros(ElementType::int8, {1, 2, 4, 2});
                n.attributes["axis"] = std::int64_t{3};
                n.attributes["block_size"] = std::int64_t{2};
              }),
              HasSubstr("block"));
  EXPECT_THAT(said([](QdqNetwork& n) { n.zero = Tensor::zeros(ElementType::int16, {}); }), HasSubstr("bit"));
}

}  // namespace
}  // namespace northpole::network
