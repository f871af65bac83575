// Small quantized networks that are lowered and evaluated layer by layer, against the reference interpreter.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>
#include <string>
#include <vector>

#include "lower/lower.h"
#include "network/prepare.h"
#include "reference/quantized_interpreter.h"
#include "support/layer_evaluation.h"
#include "support/quantized_network.h"

namespace northpole::lower {

using Integers = std::vector<std::int64_t>;

inline const Options every_option{true, true, true, true};

struct Network : reference::QuantizedNetwork {
  explicit Network(const network::Shape& shape,
                   const reference::Quantization& quantization = reference::int8(0.05F, 3)) {
    graph.source = "small.onnx";
    graph.name = "small";
    x = quantize(input(shape, std::vector<float>(static_cast<std::size_t>(network::element_count(shape)))),
                 quantization);
  }
  std::string random_weights(const network::Shape& shape, network::ElementType type, std::int64_t axis,
                             Integers zeros = {}) {
    Integers codes;
    const std::int32_t low = network::lowest_code(type), high = network::highest_code(type);
    for (std::int64_t i = 0; i < network::element_count(shape); ++i)
      codes.push_back(low + static_cast<std::int64_t>(random() % static_cast<std::uint64_t>(high - low + 1)));
    std::vector<float> scales(std::max<std::size_t>(zeros.size(), 1), 0.7F / static_cast<float>(high));
    return weights(network::Tensor::of_integers(type, shape, codes), scales, axis, zeros);
  }
  std::string conv(const std::string& from, const network::Shape& shape, network::ElementType type,
                   Integers strides = {1, 1}, Integers pads = {0, 0, 0, 0}, std::int64_t group = 1,
                   Integers zeros = {}) {
    Attributes attributes = reference::window({shape[2], shape[3]}, std::move(strides), std::move(pads));
    attributes["group"] = group;
    return node("Conv", {from, random_weights(shape, type, 0, std::move(zeros))}, attributes);
  }
  LayerGraph lowered(const Options& options = {}) const { return lower(network::prepared(graph), chip, options); }
  // Every tensor that the layers store equals the reference's; gives their number.
  std::size_t check(const Options& options = {}) {
    const network::Graph prepared = network::prepared(graph);
    const LayerGraph layers = lower(prepared, chip, options);
    const network::Port& port = prepared.inputs[0];
    network::Tensor real = network::Tensor::zeros(network::ElementType::float32, port.shape);
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

}  // namespace northpole::lower
