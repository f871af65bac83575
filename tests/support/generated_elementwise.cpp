// Element-wise operators of random networks.
#include <algorithm>
#include <cmath>

#include "support/network_generator.h"

namespace northpole::tests {

using network::ElementType;
using network::Shape;
using network::Tensor;

namespace {

struct Reach {
  double low, high;
};

Reach reach_of(const std::string& op, Reach a, Reach b) {
  if (op == "Add") return {a.low + b.low, a.high + b.high};
  if (op == "Sub") return {a.low - b.high, a.high - b.low};
  const double products[] = {a.low * b.low, a.low * b.high, a.high * b.low, a.high * b.high};
  return {*std::min_element(products, products + 4) / 2, *std::max_element(products, products + 4) / 2};
}

}  // namespace

void NetworkGenerator::two_tensors() {
  const Value a = some(values_.back().picture());
  std::vector<Value> partners;
  for (const Value& value : values_)
    if (value.shape == a.shape && value.name != a.name) partners.push_back(value);
  Value b = a;  // a value with itself is legal too
  if (!partners.empty() && chance(0.9)) {
    b = partners[static_cast<std::size_t>(below(static_cast<std::int64_t>(partners.size())))];
  } else if (chance(0.9)) {
    // A short branch of its own.
    b = quantized(node("Sigmoid", {a.name})[0], a.shape, 0, 1, false);
  }
  const std::string op = any_of<const char*>({"Add", "Add", "Sub", "Mul"});
  const bool swapped = chance(0.5);
  const Value &first = swapped ? b : a, &second = swapped ? a : b;
  const Reach reach = reach_of(op, {first.low(), first.high()}, {second.low(), second.high()});
  keep(quantized(node(op, {first.name, second.name})[0], a.shape, reach.low, reach.high));
}

void NetworkGenerator::squeeze_and_excite() {
  const Value x = some(true);
  const std::string pooled =
      chance(0.5) ? node("GlobalAveragePool", {x.name})[0]
                  : node("ReduceMean", {x.name}, {{"axes", Ints{2, 3}}, {"keepdims", std::int64_t{1}}})[0];
  const Value mean = quantized(pooled, {1, x.channels(), 1, 1}, x.low() / 2, x.high() / 2, false);
  const std::string op = any_of<const char*>({"Mul", "Mul", "Add", "Sub"});
  Value gate = mean;
  if (op == "Mul" || chance(0.5))
    gate = quantized(node(chance(0.5) ? "Sigmoid" : "HardSigmoid", {mean.name})[0], mean.shape, 0, 1, false);
  const bool gate_first = chance(0.4);
  const Value &first = gate_first ? gate : x, &second = gate_first ? x : gate;
  const Reach reach = reach_of(op, {first.low(), first.high()}, {second.low(), second.high()});
  keep(quantized(node(op, {first.name, second.name})[0], x.shape, reach.low, reach.high));
}

void NetworkGenerator::with_constant() {
  const Value x = some(values_.back().picture());
  const std::string op = any_of<const char*>({"Add", "Sub", "Mul"});
  const bool by_channel = chance(0.6);
  Shape shape;
  if (by_channel) {
    shape =
        x.picture() ? (chance(0.5) ? Shape{x.channels(), 1, 1} : Shape{1, x.channels(), 1, 1}) : Shape{x.channels()};
  } else {
    shape = any_of<Shape>({Shape{}, Shape{1}});
  }
  const double size = op == "Mul" ? 1.5 : std::max(-x.low(), x.high());
  std::string operand;
  if (chance(0.5)) {
    std::vector<float> values;
    for (std::int64_t i = 0, count = network::element_count(shape); i < count; ++i)
      values.push_back(static_cast<float>(real(-size, size)));
    operand = constant(Tensor::of_floats(shape, values));
  } else {
    const bool is_unsigned = chance(0.3);
    const ElementType type = is_unsigned ? ElementType::uint8 : ElementType::int8;
    Ints codes;
    for (std::int64_t i = 0, count = network::element_count(shape); i < count; ++i)
      codes.push_back(is_unsigned ? between(0, 255) : between(-128, 127));
    const auto zero = is_unsigned ? between(0, 255) : between(-20, 20);
    operand = node("DequantizeLinear", {constant(Tensor::of_integers(type, shape, codes)),
                                        constant(Tensor::of_floats({}, {static_cast<float>(size / 127)})),
                                        constant(Tensor::of_integers(type, {}, {zero}))})[0];
  }
  const bool constant_first = chance(0.4);
  const Reach own{x.low(), x.high()}, other{-size, size};
  const Reach reach = constant_first ? reach_of(op, other, own) : reach_of(op, own, other);
  keep(quantized(node(op, constant_first ? std::vector<std::string>{operand, x.name}
                                         : std::vector<std::string>{x.name, operand})[0],
                 x.shape, reach.low, reach.high));
}

void NetworkGenerator::function() {
  const Value x = some(values_.back().picture());
  switch (below(6)) {
    case 0:
      return keep(quantized(node("Relu", {x.name})[0], x.shape, 0, x.high(), false));
    case 1: {
      const auto low = static_cast<float>(x.low() * real(0, 0.8)), high = static_cast<float>(x.high() * real(0.1, 0.9));
      return keep(quantized(node("Clip", {x.name, constant(Tensor::of_floats({}, {low})),
                                          constant(Tensor::of_floats({}, {std::max(low, high)}))})[0],
                            x.shape, static_cast<double>(low), x.high(), false));
    }
    case 2: {
      const auto alpha = static_cast<float>(real(0.01, 0.4));
      return keep(quantized(node("LeakyRelu", {x.name}, {{"alpha", alpha}})[0], x.shape,
                            x.low() * static_cast<double>(alpha), x.high()));
    }
    case 3:
      return keep(quantized(node("Sigmoid", {x.name})[0], x.shape, 0, 1));
    case 4:
      return keep(quantized(node("HardSwish", {x.name})[0], x.shape, -0.4, std::max(x.high(), 0.1)));
    case 5: {
      Attributes attributes;
      if (chance(0.5))
        attributes = {{"alpha", static_cast<float>(real(0.1, 0.4))}, {"beta", static_cast<float>(real(0.3, 0.6))}};
      return keep(quantized(node("HardSigmoid", {x.name}, attributes)[0], x.shape, 0, 1));
    }
  }
}

}  // namespace northpole::tests
