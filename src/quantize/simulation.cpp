#include "quantize/simulation.h"

#include <algorithm>
#include <memory>

#include "quantize/weights.h"

namespace northpole::quantize {

using network::Graph;
using network::Node;
using network::Tensor;

reference::FloatOperator operator_with_weights(const Graph& graph, const Node& node, Tensor weights,
                                               const std::vector<float>& bias) {
  auto own = std::make_shared<Graph>();
  own->source = graph.source;
  for (const std::string& value : {node.inputs[0], node.outputs[0]}) own->values[value] = graph.values.at(value);
  own->values["weights"] = {"weights", weights.type, weights.shape};
  own->constants["weights"] = std::move(weights);
  Node copy = node;
  copy.inputs = {node.inputs[0], "weights"};
  if (node.op != "MatMul") {
    copy.inputs.push_back("bias");
    own->constants["bias"] = Tensor::of_floats({static_cast<std::int64_t>(bias.size())}, bias);
    own->values["bias"] = {"bias", network::ElementType::float32, own->constants["bias"].shape};
  }
  own->nodes.push_back(copy);
  return
      [own, run = reference::make_float_operator(*own, own->nodes.front())](const std::vector<const Tensor*>& inputs) {
        return run({inputs[0], nullptr, nullptr});
      };
}

Codes codes_of(const Tensor& real, const reference::Quantization& quantization) {
  Codes codes{quantization, real.shape, std::vector<std::uint8_t>(static_cast<std::size_t>(real.size()))};
  const float* values = real.data<float>();
  const float scale = quantization.scale;
  const auto low = static_cast<float>(network::lowest_code(quantization.type) - quantization.zero_point);
  const auto high = static_cast<float>(network::highest_code(quantization.type) - quantization.zero_point);
  for (std::size_t i = 0; i < codes.bytes.size(); ++i) {
    const float code = std::min(std::max(values[i] / scale, low), high);
    const float whole = (code + 0x1.8p23f) - 0x1.8p23f;  // to the nearest integer, ties to even
    codes.bytes[i] = static_cast<std::uint8_t>(static_cast<std::int32_t>(whole) + quantization.zero_point);
  }
  return codes;
}

Tensor real_values(const Codes& codes) {
  const auto& [type, scale, zero_point] = codes.quantization;
  float meaning[256];  // of each byte
  for (std::int32_t code = network::lowest_code(type); code <= network::highest_code(type); ++code) {
    meaning[static_cast<std::uint8_t>(code)] = static_cast<float>(code - zero_point) * scale;
  }
  Tensor real = Tensor::zeros(network::ElementType::float32, codes.shape);
  for (std::size_t i = 0; i < codes.bytes.size(); ++i) real.data<float>()[i] = meaning[codes.bytes[i]];
  return real;
}

}  // namespace northpole::quantize
