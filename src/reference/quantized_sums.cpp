// Add, Sub and Mul of docs/numerics.md: of two activations, or of one and a constant.
#include "network/error.h"
#include "reference/movement.h"
#include "reference/quantized_constants.h"
#include "reference/quantized_operators.h"

namespace northpole::reference {
namespace {

using Inputs = std::vector<const QuantizedTensor*>;

Broadcast broadcast_of(const Site& site, std::size_t input) { return Broadcast(site.shape_of(input), site.shape); }

float centred(const QuantizedTensor& tensor, std::int64_t index) {
  return static_cast<float>(tensor.codes[static_cast<std::size_t>(index)] - tensor.quantization.zero_point);
}

// combine(a', b') gives r.
template <typename Combine>
QuantizedOperator of_two(const Site& site, Combine combine) {
  return [combine, target = site.target, size = network::element_count(site.shape), left = broadcast_of(site, 0),
          right = broadcast_of(site, 1)](const Inputs& inputs, std::int16_t* codes) {
    for (std::int64_t i = 0; i < size; ++i) {
      codes[i] = target.code(combine(centred(*inputs[0], left(i)), centred(*inputs[1], right(i))));
    }
  };
}

// combine(a', constant) gives r; `constant` holds what to_operand makes of the constant's elements.
template <typename ToOperand, typename Combine>
QuantizedOperator with_constant(const Site& site, std::size_t activation, const network::Tensor& constant,
                                ToOperand to_operand, Combine combine) {
  std::vector<float> operands;
  for (std::int64_t i = 0; i < constant.size(); ++i)
    operands.push_back(site.operand(to_operand(constant.data<float>()[i])));
  return [=, target = site.target, size = network::element_count(site.shape), left = broadcast_of(site, activation),
          right = broadcast_of(site, 1 - activation)](const Inputs& inputs, std::int16_t* codes) {
    for (std::int64_t i = 0; i < size; ++i) {
      const float a = centred(*inputs[activation], left(i));
      codes[i] = target.code(combine(a, operands[static_cast<std::size_t>(right(i))]));
    }
  };
}

template <Precision precision>
QuantizedOperator make_sum(const Site& site) {
  const std::string& op = site.node.op;
  const float sy = site.target.quantization.scale;
  const auto left = real_constant(site.graph, site.node.inputs[0]),
             right = real_constant(site.graph, site.node.inputs[1]);
  if (!left && !right) {
    const float sa = site.activation(0).scale, sb = site.activation(1).scale;
    if (op == "Mul") {
      return of_two(site, [k = site.ratio(sa * sb / sy)](float a, float b) {
        return rounded<precision>(rounded<precision>(a * k) * b);
      });
    }
    const float ka = site.ratio(sa / sy), kb = site.ratio(sb / sy);
    if (op == "Add") {
      return of_two(site, [ka, kb](float a, float b) {
        return rounded<precision>(rounded<precision>(a * ka) + rounded<precision>(b * kb));
      });
    }
    return of_two(site, [ka, kb](float a, float b) {
      return rounded<precision>(rounded<precision>(a * ka) - rounded<precision>(b * kb));
    });
  }
  const std::size_t activation = left ? 1 : 0;
  const network::Tensor& constant = left ? *left : *right;
  const float sa = site.activation(activation).scale;
  if (op == "Mul") {
    return with_constant(
        site, activation, constant, [=](float c) { return sa * c / sy; },
        [](float a, float c) { return rounded<precision>(a * c); });
  }
  const float ka = site.ratio(sa / sy);
  auto scaled = [sy](float c) { return c / sy; };
  if (op == "Add") {
    return with_constant(site, activation, constant, scaled,
                         [ka](float a, float c) { return rounded<precision>(rounded<precision>(a * ka) + c); });
  }
  if (activation == 0) {
    return with_constant(site, activation, constant, scaled,
                         [ka](float a, float c) { return rounded<precision>(rounded<precision>(a * ka) - c); });
  }
  return with_constant(site, activation, constant, scaled,
                       [ka](float a, float c) { return rounded<precision>(c - rounded<precision>(a * ka)); });
}

}  // namespace

QuantizedOperator make_quantized_sum(const Site& site) {
  if (site.node.op != "Add" && site.node.op != "Sub" && site.node.op != "Mul") return {};
  return site.target.precision == Precision::fp16 ? make_sum<Precision::fp16>(site) : make_sum<Precision::fp32>(site);
}

}  // namespace northpole::reference
