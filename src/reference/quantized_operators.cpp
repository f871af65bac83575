#include "reference/quantized_operators.h"

#include <cmath>

#include "network/error.h"
#include "reference/movement.h"

namespace northpole::reference {

const Quantization& Site::activation(std::size_t input) const {
  if (input >= inputs.size() || !inputs[input]) {
    throw Error(network::place(graph, node) + "input " + std::to_string(input) +
                " must be a quantized activation: put a QuantizeLinear and a DequantizeLinear before it");
  }
  return *inputs[input];
}

float Site::operand(float value) const {
  const float result = rounded(target.precision, value);
  if (std::isfinite(result)) return result;
  throw Error(network::place(graph, node) + "the constant " + std::to_string(value) +
              " overflows in the vector precision: choose other scales");
}

float Site::ratio(float value) const {
  const float result = operand(value);
  if (result != 0) return result;
  throw Error(network::place(graph, node) + "a ratio of scales vanishes in the vector precision: choose other scales");
}

QuantizedOperator make_quantized_operator(const Site& site) {
  for (auto make : {make_quantized_product, make_quantized_pool, make_quantized_sum, make_quantized_function,
                    make_quantized_concat}) {
    if (QuantizedOperator made = make(site)) return made;
  }
  throw Error(network::place(site.graph, site.node) + "the reference interpreter does not know this operator");
}

QuantizedOperator make_requantize(const Quantization& from, std::int64_t size, const Site& site) {
  const Target target = site.target;
  if (from == target.quantization) {
    // The codes themselves, which only a Relu or Clip changes.
    return [target, size](const std::vector<const QuantizedTensor*>& inputs, std::int16_t* codes) {
      for (std::int64_t i = 0; i < size; ++i) {
        codes[i] = target.code(
            static_cast<float>(inputs[0]->codes[static_cast<std::size_t>(i)] - target.quantization.zero_point));
      }
    };
  }
  const float ratio = site.ratio(from.scale / target.quantization.scale);
  return [=](const std::vector<const QuantizedTensor*>& inputs, std::int16_t* codes) {
    for (std::int64_t i = 0; i < size; ++i) {
      const auto x = static_cast<float>(inputs[0]->codes[static_cast<std::size_t>(i)] - from.zero_point);
      codes[i] = target.code(rounded(target.precision, x * ratio));
    }
  };
}

QuantizedOperator make_quantized_concat(const Site& site) {
  if (site.node.op != "Concat") return {};
  std::vector<QuantizedOperator> parts;
  for (std::size_t i = 0; i < site.inputs.size(); ++i) {
    parts.push_back(make_requantize(site.activation(i), network::element_count(site.shape_of(i)), site));
  }
  return [parts, movement = movements_of(site.graph, site.node)[0]](const std::vector<const QuantizedTensor*>& inputs,
                                                                    std::int16_t* codes) {
    std::vector<std::vector<std::int16_t>> requantized;
    std::vector<std::pair<const std::int16_t*, std::int64_t>> sources;
    for (std::size_t i = 0; i < parts.size(); ++i) {
      requantized.emplace_back(inputs[i]->codes.size());
      parts[i]({inputs[i]}, requantized.back().data());
      sources.emplace_back(requantized.back().data(), static_cast<std::int64_t>(requantized.back().size()));
    }
    movement.apply<std::int16_t>(sources, 0, codes);
  };
}

}  // namespace northpole::reference
