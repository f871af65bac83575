#include "support/network_generator.h"

#include <algorithm>
#include <cmath>

namespace northpole::tests {

using network::ElementType;
using network::Shape;
using network::Tensor;

double NetworkGenerator::Value::low() const {
  return static_cast<double>(network::lowest_code(type) - zero_point) * static_cast<double>(scale);
}
double NetworkGenerator::Value::high() const {
  return static_cast<double>(network::highest_code(type) - zero_point) * static_cast<double>(scale);
}

std::string NetworkGenerator::constant(Tensor tensor) {
  const std::string name = fresh("constant");
  graph.constants[name] = std::move(tensor);
  return name;
}

std::string NetworkGenerator::integers(const Ints& values) {
  return constant(Tensor::of_integers(ElementType::int64, {static_cast<std::int64_t>(values.size())}, values));
}

std::vector<std::string> NetworkGenerator::node(const std::string& op, std::vector<std::string> inputs,
                                                Attributes attributes, int outputs) {
  const std::string name = fresh(op);
  network::Node made{name, op, "", std::move(inputs), {}, std::move(attributes)};
  for (int i = 0; i < outputs; ++i) made.outputs.push_back(name + "_out" + (i == 0 ? "" : std::to_string(i)));
  graph.nodes.push_back(made);
  return made.outputs;
}

namespace {

ElementType element_type(int bits, bool is_unsigned) {
  if (bits == 8) return is_unsigned ? ElementType::uint8 : ElementType::int8;
  if (bits == 4) return is_unsigned ? ElementType::uint4 : ElementType::int4;
  return is_unsigned ? ElementType::uint2 : ElementType::int2;
}

int bits_of(ElementType type) {
  int bits = 0;
  for (auto codes = network::highest_code(type) - network::lowest_code(type); codes > 0; codes /= 2) ++bits;
  return bits;
}

}  // namespace

int NetworkGenerator::width() {
  if (bits_ == Bits::mixed) return any_of<int>({8, 8, 4, 4, 4, 2});
  return bits_ == Bits::eight ? 8 : bits_ == Bits::four ? 4 : 2;
}

void NetworkGenerator::quantization_for(double low, double high, Value& value) {
  const int style = style_ == 3 ? static_cast<int>(below(3)) : style_;
  const int bits = width();
  value.type = element_type(bits, style == 1);
  const auto lowest = network::lowest_code(value.type), highest = network::highest_code(value.type);
  // Too narrow a range saturates, too wide a one wastes codes; files have both.
  const double factor = real(0.5, 1.3);
  low = std::min(low, 0.0);
  high = std::max(high, low + 1e-3);
  if (style == 0) {
    value.scale = static_cast<float>(std::max(-low, high) * factor / highest);
    value.zero_point = 0;
    return;
  }
  value.scale = static_cast<float>((high - low) * factor / (highest - lowest));
  if (chance(0.1)) value.scale = std::exp2(std::round(std::log2(value.scale)));
  const std::int64_t beside = bits == 8 ? 3 : 1;
  const double zero = lowest - std::round(low * factor / static_cast<double>(value.scale)) +
                      static_cast<double>(between(-beside, beside));
  value.zero_point = static_cast<std::int64_t>(std::clamp<double>(zero, lowest, highest));
}

NetworkGenerator::Value NetworkGenerator::quantized(const std::string& real_value, const Shape& shape, double low,
                                                    double high, bool clamp) {
  std::string name = real_value;
  if (clamp && chance(0.35)) {
    const double reach = std::max(high, 0.0);
    switch (below(4)) {
      case 0:
      case 1:
        name = node("Relu", {name})[0];
        low = 0;
        break;
      case 2: {  // ReLU6 and its kin
        const auto bound = static_cast<float>(reach * real(0.3, 1.0));
        name =
            node("Clip", {name, constant(Tensor::of_floats({}, {0.0F})), constant(Tensor::of_floats({}, {bound}))})[0];
        low = 0;
        high = chance(0.5) ? static_cast<double>(bound) : high;
        break;
      }
      case 3: {
        const auto lower = static_cast<float>(low * real(0.2, 0.9)), upper = static_cast<float>(reach * real(0.2, 0.9));
        name =
            node("Clip", {name, constant(Tensor::of_floats({}, {lower})),
                          chance(0.7) ? constant(Tensor::of_floats({}, {std::max(upper, lower)})) : std::string()})[0];
        break;
      }
    }
  }
  Value value;
  quantization_for(low, high, value);
  value.computed = true;
  return quantized_as(name, shape, value);
}

NetworkGenerator::Value NetworkGenerator::quantized_as(const std::string& real_value, const Shape& shape,
                                                       const Value& like) {
  Value value = like;
  value.shape = shape;
  const std::string scale = constant(Tensor::of_floats({}, {value.scale}));
  const std::string zero = constant(Tensor::of_integers(value.type, {}, {value.zero_point}));
  value.name = node("DequantizeLinear", {node("QuantizeLinear", {real_value, scale, zero})[0], scale, zero})[0];
  return value;
}

const NetworkGenerator::Value& NetworkGenerator::some(bool picture) {
  std::vector<std::size_t> candidates;
  for (std::size_t i = 0; i < values_.size(); ++i)
    if (values_[i].picture() == picture) candidates.push_back(i);
  const bool older = chance(0.2);
  return values_[older ? candidates[static_cast<std::size_t>(below(static_cast<std::int64_t>(candidates.size())))]
                       : candidates.back()];
}

void NetworkGenerator::keep_moved(const std::string& moved, const Shape& shape, const Value& from) {
  if (chance(0.4)) {
    Value value = from;
    value.name = moved;
    value.shape = shape;
    keep(value);
  } else if (chance(0.6)) {
    keep(quantized_as(moved, shape, from));
  } else {
    keep(quantized(moved, shape, from.low(), from.high()));
  }
}

// Weights of random form behind a DequantizeLinear. `deviation`: of the real weights; `scales`: one, or one for each
// index of the axis.
std::string NetworkGenerator::weights(const Shape& shape, std::int64_t axis, const Value& input, double& deviation,
                                      std::vector<float>& scales) {
  const bool asymmetric = chance(0.25), by_channel = chance(0.6), is_unsigned = asymmetric && chance(0.6);
  int bits = width();
  if (bits > bits_of(input.type) && !chance(0.2)) bits = bits_of(input.type);
  const ElementType type = element_type(bits, is_unsigned);
  const auto lowest = network::lowest_code(type), highest = network::highest_code(type);
  // Most codes lie in the middle; a few at the ends.
  const std::int64_t margin = bits == 8 ? 28 : bits == 4 ? 1 : 0, middle = is_unsigned ? (highest + 1) / 2 : 0,
                     beside = bits == 8 ? 30 : bits == 4 ? 2 : 1;
  const auto count = by_channel ? shape[static_cast<std::size_t>(axis)] : 1;
  const double base = real(0.001, 0.02) * 127 / ((1 << (bits - 1)) - 0.5);
  scales.clear();
  Ints zeros;
  for (std::int64_t i = 0; i < count; ++i) {
    scales.push_back(static_cast<float>(base * real(0.5, 1.5)));
    zeros.push_back(!asymmetric ? 0 : middle + between(-beside, bits == 2 ? 0 : beside));
  }
  Ints codes;
  const bool sparse = chance(0.2);
  for (std::int64_t i = 0, size = network::element_count(shape); i < size; ++i) {
    const bool extreme = chance(0.02);
    std::int64_t code =
        extreme ? any_of<std::int64_t>({lowest, highest}) : between(lowest + margin, highest - margin);
    if (sparse && chance(0.7)) code = zeros[0];
    codes.push_back(code);
  }
  deviation = 0.5 * (1 << (bits - 1)) * base;
  const Shape scale_shape = by_channel ? Shape{count} : Shape{};
  std::vector<std::string> inputs{constant(Tensor::of_integers(type, shape, codes)),
                                  constant(Tensor::of_floats(scale_shape, scales))};
  if (asymmetric || chance(0.8)) inputs.push_back(constant(Tensor::of_integers(type, scale_shape, zeros)));
  return node("DequantizeLinear", inputs, by_channel ? Attributes{{"axis", axis}} : Attributes{})[0];
}

// "" (none), a float constant, or int32 codes of the accumulator's scale.
std::string NetworkGenerator::bias(std::int64_t outputs, const Value& input, const std::vector<float>& scales,
                                   double amplitude) {
  const auto kind = below(4);
  if (kind == 0) return "";
  if (kind == 1) {
    std::vector<float> values;
    for (std::int64_t i = 0; i < outputs; ++i) values.push_back(static_cast<float>(real(-amplitude, amplitude)));
    return constant(Tensor::of_floats({outputs}, values));
  }
  std::vector<float> units;
  Ints codes, zeros;
  for (const float scale : scales) units.push_back(input.scale * scale), zeros.push_back(0);
  for (std::int64_t i = 0; i < outputs; ++i) {
    const float unit = units[units.size() == 1 ? 0 : static_cast<std::size_t>(i)];
    codes.push_back(static_cast<std::int64_t>(real(-amplitude, amplitude) / static_cast<double>(unit)));
  }
  const bool by_channel = units.size() > 1;
  const Shape shape = by_channel ? Shape{outputs} : Shape{};
  return node(
      "DequantizeLinear",
      {constant(Tensor::of_integers(ElementType::int32, {outputs}, codes)), constant(Tensor::of_floats(shape, units)),
       constant(Tensor::of_integers(ElementType::int32, shape, zeros))},
      by_channel ? Attributes{{"axis", std::int64_t{0}}} : Attributes{})[0];
}

}  // namespace northpole::tests
