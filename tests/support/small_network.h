// Small quantized networks for the whole way, with weights that need no thought.
#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <vector>

#include "support/quantized_network.h"
#include "support/whole_way.h"

namespace northpole::tests {

using Integers = std::vector<std::int64_t>;

inline chip::ChipDescription array(std::uint32_t rows, std::uint32_t columns) {
  chip::ChipDescription chip;
  chip.rows = rows;
  chip.columns = columns;
  return chip;
}

// A network with one float input of the given shape, quantized (x).
struct SmallNetwork : reference::QuantizedNetwork {
  explicit SmallNetwork(const network::Shape& shape) {
    graph.source = "small.onnx";
    graph.name = "small";
    x = quantize(input(shape, std::vector<float>(static_cast<std::size_t>(network::element_count(shape)))),
                 reference::int8(0.05F, 3));
  }
  // A convolution with a weight tensor of the given shape.
  std::string conv(const std::string& from, const network::Shape& shape, std::int64_t padding = 0) {
    Integers codes;
    for (std::int64_t i = 0; i < network::element_count(shape); ++i) codes.push_back((i * 37 + 11) % 201 - 100);
    const std::string w = weights(network::Tensor::of_integers(network::ElementType::int8, shape, codes), {0.01F}, 0);
    return node("Conv", {from, w}, {{"kernel_shape", Integers{shape[2], shape[3]}}, {"pads", Integers(4, padding)}});
  }
  // A product with a constant matrix.
  std::string matrix(const std::string& from, std::int64_t inputs, std::int64_t outputs) {
    Integers codes;
    for (std::int64_t i = 0; i < inputs * outputs; ++i) codes.push_back((i * 29 + 5) % 255 - 127);
    return node("MatMul",
                {from, weights(network::Tensor::of_integers(network::ElementType::int8, {inputs, outputs}, codes),
                               {0.01F}, 1)});
  }
  std::string integers(const Integers& values) {
    return constant(
        network::Tensor::of_integers(network::ElementType::int64, {static_cast<std::int64_t>(values.size())}, values));
  }
  // The compiled network equals the reference in every element of two runs.
  void equals_reference(const chip::ChipDescription& chip = array(4, 4)) const {
    const WholeWay way = whole_way(graph, chip);
    EXPECT_EQ(way.refused, "");
    EXPECT_EQ(way.failed, "");
  }
  // What the compiler says against it; empty when it compiles.
  std::string refusal(const chip::ChipDescription& chip = array(4, 4)) const { return whole_way(graph, chip).refused; }
  std::string x;
};

}  // namespace northpole::tests
