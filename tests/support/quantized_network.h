// Small quantized networks, written down node by node, and what the reference interpreter makes of them.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "network/graph.h"
#include "reference/quantized_interpreter.h"

namespace northpole::reference {

class QuantizedNetwork {
 public:
  using Attributes = std::map<std::string, network::Attribute>;
  using Codes = std::vector<int>;

  network::Graph graph;

  // A network input that is quantized already, with the codes it is given; returns its real value's name.
  std::string activation(network::Shape shape, const Quantization& quantization, const Codes& codes);
  // A float network input.
  std::string input(network::Shape shape, const std::vector<float>& values);
  std::string constant(const network::Tensor& tensor);
  // A constant behind a DequantizeLinear: scales and zero points one for all, or one for each index along the axis.
  std::string weights(const network::Tensor& codes, const std::vector<float>& scales, std::int64_t axis,
                      const std::vector<std::int64_t>& zero_points = {});
  // Returns the name of the (first) output.
  std::string node(const std::string& op, std::vector<std::string> inputs, Attributes attributes = {}, int outputs = 1);
  // A QuantizeLinear and a DequantizeLinear; returns the latter's output.
  std::string quantize(const std::string& value, const Quantization& quantization);
  // The value becomes a network output.
  void output(const std::string& value);

  // Runs the network; gives the outputs. Fills `codes` with the codes behind each value that quantize() returned.
  std::map<std::string, network::Tensor> run(Precision precision = Precision::fp16);
  std::map<std::string, Codes> codes;

 private:
  std::string fresh(const std::string& stem) { return stem + std::to_string(count_++); }
  network::Graph finished() const;

  int count_ = 0;
  std::map<std::string, network::Tensor> given_;
  std::map<std::string, std::string> dequantized_;  // QuantizeLinear's output to DequantizeLinear's
};

// The codes behind `value`, quantized, when nothing follows it.
QuantizedNetwork::Codes codes_of(QuantizedNetwork& network, const std::string& value, const Quantization& quantization,
                                 Precision precision = Precision::fp16);

inline Quantization int8(float scale, int zero_point = 0) { return {network::ElementType::int8, scale, zero_point}; }
inline Quantization uint8(float scale, int zero_point = 0) { return {network::ElementType::uint8, scale, zero_point}; }

// The attributes of a window in normal form.
QuantizedNetwork::Attributes window(std::vector<std::int64_t> kernel, std::vector<std::int64_t> strides = {1, 1},
                                    std::vector<std::int64_t> pads = {0, 0, 0, 0},
                                    std::vector<std::int64_t> dilations = {1, 1});

}  // namespace northpole::reference
