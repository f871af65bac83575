// The activation functions of docs/numerics.md. An 8-bit input has at most 256 codes, so each function is a table.
#include <algorithm>
#include <cmath>

#include "reference/quantized_operators.h"

namespace northpole::reference {
namespace {

// r of x', all roundings in the order of docs/numerics.md.
using Function = std::function<float(float)>;

float hard_sigmoid(Precision precision, float v, float alpha, float beta) {
  const float product = rounded(precision, rounded(precision, alpha) * v);
  return std::min(1.0f, std::max(0.0f, rounded(precision, product + rounded(precision, beta))));
}

Function function_of(const Site& site) {
  const std::string& op = site.node.op;
  const Precision precision = site.target.precision;
  const float sx = site.activation(0).scale, sy = site.target.quantization.scale;
  if (op == "LeakyRelu") {
    const float alpha = site.node.real("alpha", 0.01f);
    const float above = site.ratio(sx / sy), below = alpha == 0 ? 0.0f : site.ratio(alpha * sx / sy);
    return [=](float x) { return rounded(precision, x * (x >= 0 ? above : below)); };
  }
  const float in = site.ratio(sx), out = site.ratio(1.0f / sy);
  if (op == "Sigmoid") {
    return [=](float x) {
      const float v = rounded(precision, x * in);
      const float w = rounded_from_double(precision, 1.0 / (1.0 + std::exp(-static_cast<double>(v))));
      return rounded(precision, w * out);
    };
  }
  if (op == "HardSigmoid") {
    return [=, alpha = site.node.real("alpha", 0.2f), beta = site.node.real("beta", 0.5f)](float x) {
      return rounded(precision, hard_sigmoid(precision, rounded(precision, x * in), alpha, beta) * out);
    };
  }
  return [=](float x) {
    const float v = rounded(precision, x * in);
    const float w = rounded(precision, v * hard_sigmoid(precision, v, 1.0f / 6.0f, 0.5f));
    return rounded(precision, w * out);
  };
}

}  // namespace

QuantizedOperator make_quantized_function(const Site& site) {
  const std::string& op = site.node.op;
  if (op != "LeakyRelu" && op != "Sigmoid" && op != "HardSigmoid" && op != "HardSwish") return {};
  const Function function = function_of(site);
  const Quantization from = site.activation(0);
  const std::int32_t lowest = network::lowest_code(from.type), highest = network::highest_code(from.type);
  std::vector<std::int16_t> table;
  for (std::int32_t code = lowest; code <= highest; ++code) {
    table.push_back(site.target.code(function(static_cast<float>(code - from.zero_point))));
  }
  return [table, lowest](const std::vector<const QuantizedTensor*>& inputs, std::int16_t* codes) {
    for (std::int16_t code : inputs[0]->codes) *codes++ = table[static_cast<std::size_t>(code - lowest)];
  };
}

}  // namespace northpole::reference
