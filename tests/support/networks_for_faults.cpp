#include "support/networks_for_faults.h"

#include "support/quantized_network.h"

namespace northpole::tests {

using network::ElementType;
using network::Shape;
using network::Tensor;
using reference::int8;
using reference::QuantizedNetwork;
using reference::uint8;

namespace {

using Ints = std::vector<std::int64_t>;

class Builder : public QuantizedNetwork {
 public:
  Builder(const std::string& name, const Shape& shape, const reference::Quantization& quantization) {
    graph.name = name;
    graph.source = name + ".onnx";
    value = quantize(input(shape, std::vector<float>(static_cast<std::size_t>(network::element_count(shape)))),
                     quantization);
  }
  std::string conv(const std::string& from, const Shape& shape, std::int64_t padding, std::int64_t stride,
                   std::int64_t group = 1) {
    return node("Conv", {from, parameters(shape, 0)},
                {{"kernel_shape", Ints{shape[2], shape[3]}},
                 {"pads", Ints(4, padding)},
                 {"strides", Ints{stride, stride}},
                 {"group", group}});
  }
  std::string matrix(const std::string& from, std::int64_t inputs, std::int64_t outputs) {
    return node("MatMul", {node("Flatten", {from}, {{"axis", std::int64_t{1}}}), parameters({inputs, outputs}, 1)});
  }
  RandomNetwork on(std::uint32_t rows, std::uint32_t columns) {
    output(value);
    RandomNetwork result;
    result.graph = graph;
    result.chip.rows = rows;
    result.chip.columns = columns;
    result.chip.bank_words = 1024;
    result.chip.partial_sums = 32;
    result.chip.weight_blocks = 8;
    return result;
  }
  std::string value;

 private:
  std::string parameters(const Shape& shape, std::int64_t axis) {
    Ints codes;
    for (std::int64_t i = 0; i < network::element_count(shape); ++i) codes.push_back((i * 37 + i / 7 * 11) % 229 - 114);
    return weights(Tensor::of_integers(ElementType::int8, shape, codes), {0.008F}, axis);
  }
};

// Packed input, padding, a pool, a residual branch, an average, a classifier.
RandomNetwork residual() {
  Builder b("residual", {1, 3, 8, 8}, int8(0.02F, -4));
  b.value = b.quantize(b.node("Relu", {b.conv(b.value, {16, 3, 3, 3}, 1, 1)}), uint8(0.05F));
  b.value = b.quantize(
      b.node("MaxPool", {b.value}, {{"kernel_shape", Ints{3, 3}}, {"strides", Ints{2, 2}}, {"pads", Ints{1, 1, 1, 1}}}),
      uint8(0.05F));
  const std::string branch = b.quantize(b.conv(b.value, {16, 16, 3, 3}, 1, 1), int8(0.2F, 5));
  b.value = b.quantize(b.node("Add", {branch, b.value}), int8(0.2F));
  b.value = b.quantize(b.node("GlobalAveragePool", {b.value}), int8(0.1F));
  b.value = b.quantize(b.matrix(b.value, 16, 10), int8(0.1F));
  return b.on(4, 4);
}

// Wide layers: sums over neighbours, chunks of products, several blocks.
RandomNetwork wide() {
  Builder b("wide", {1, 96, 3, 2}, uint8(0.02F, 120));
  b.value = b.quantize(b.conv(b.value, {70, 96, 3, 1}, 0, 1), int8(1.0F));
  b.value = b.quantize(b.matrix(b.value, 140, 40), int8(2.0F));
  return b.on(2, 6);
}

// Few bits; two frames side by side and two waves of them, so that cores share programs and have parameters.
RandomNetwork narrow() {
  Builder b("narrow", {1, 3, 6, 5}, int8(0.02F, -4));
  b.value = b.quantize(b.conv(b.value, {40, 3, 3, 3}, 1, 1), {ElementType::uint4, 0.2F, 0});
  const std::string branch = b.quantize(b.conv(b.value, {40, 40, 1, 1}, 0, 1), {ElementType::int4, 2.0F, 1});
  b.value = b.quantize(b.node("Add", {branch, b.value}), {ElementType::int4, 2.0F, 0});
  b.value = b.quantize(b.matrix(b.value, 1200, 10), int8(4.0F));
  RandomNetwork result = b.on(4, 3);
  result.frames = 4;
  result.chip.bank_words = 800;
  return result;
}

// Depthwise, a gate, slices and a concatenation of unequal scales, on an odd array.
RandomNetwork mobile() {
  Builder b("mobile", {1, 8, 6, 7}, int8(0.03F));
  b.value = b.quantize(b.node("Clip", {b.conv(b.value, {40, 8, 1, 1}, 0, 1), b.constant(Tensor::of_floats({}, {0.0F})),
                                       b.constant(Tensor::of_floats({}, {6.0F}))}),
                       uint8(0.024F));
  b.value = b.quantize(b.node("HardSwish", {b.quantize(b.conv(b.value, {40, 1, 3, 3}, 1, 2, 40), int8(0.1F))}),
                       uint8(0.05F, 10));
  const std::string gate = b.quantize(
      b.node("Sigmoid", {b.quantize(b.node("GlobalAveragePool", {b.value}), uint8(0.02F))}), uint8(1.0F / 255));
  const std::string gated = b.quantize(b.node("Mul", {b.value, gate}), uint8(0.04F));
  b.value = b.quantize(b.node("Concat", {gated, b.value}, {{"axis", std::int64_t{1}}}), int8(0.1F));
  return b.on(3, 5);
}

}  // namespace

std::vector<RandomNetwork> networks_for_faults() { return {residual(), wide(), mobile(), narrow()}; }

}  // namespace northpole::tests
