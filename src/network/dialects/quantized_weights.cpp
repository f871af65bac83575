// Quant and BipolarQuant of constants.
#include <algorithm>
#include <cmath>

#include "network/add_constant.h"
#include "network/dialects/import_quantizers.h"
#include "network/evaluate.h"

namespace northpole::network {
namespace {

constexpr std::int64_t most_bits = 32;  // biases; weights of more than 8 are refused where they are used

// Scales (or zero points) that stand along one axis of the tensor, the others of size 1.
std::int64_t axis_of(const NodeView& view, const Tensor& parameter) {
  const Shape& shape = view.shape(0);
  if (parameter.size() == 1) return -1;
  const auto before = static_cast<std::int64_t>(shape.size()) - static_cast<std::int64_t>(parameter.shape.size());
  std::int64_t axis = -1;
  for (std::size_t i = 0; i < parameter.shape.size(); ++i) {
    if (parameter.shape[i] == 1) continue;
    const std::int64_t at = before + static_cast<std::int64_t>(i);
    if (axis >= 0 || at < 0 || shape[static_cast<std::size_t>(at)] != parameter.shape[i])
      view.fail("its scale of shape " + to_string(parameter.shape) + " fits no axis of " + to_string(shape));
    axis = at;
  }
  return axis;
}

const Tensor& parameter(const NodeView& view, std::size_t input, const char* what) {
  if (!view.has_input(input)) view.fail(std::string("its ") + what + " is missing");
  const Tensor* tensor = view.constant(input);
  if (tensor == nullptr)
    view.fail(std::string("its ") + what + " must be constant; export the network with folded constants");
  return *tensor;
}

}  // namespace

ElementType type_of_codes(const NodeView& view, std::int64_t lowest, std::int64_t highest, std::int64_t zero_point) {
  lowest = std::min(lowest, zero_point);
  highest = std::max(highest, zero_point);
  for (const int bits : {2, 4, 8})
    for (const bool is_signed : {lowest < 0, lowest >= 0}) {
      const ElementType type = quantized_type(bits, is_signed);
      if (lowest_code(type) <= lowest && highest <= highest_code(type)) return type;
    }
  view.fail("its codes reach from " + std::to_string(lowest) + " to " + std::to_string(highest) +
            ", which is more than 8 bits; export it with fewer (bit_width) or another zero point");
}

std::vector<Node> quantized_weights(Graph& graph, const Node& node) {
  const NodeView view(graph, node);
  const Tensor values = *view.constant(0);
  if (!is_float(values.type)) view.fail("it quantizes integers");
  const bool is_sign = node.op == "Sign", has_width = node.op == "Quant";
  if (node.op == "Trunc") view.fail("it truncates a constant; fold it into the file");
  const Tensor scale = is_sign ? Tensor::of_floats({}, {1.0F}) : parameter(view, 1, "scale");
  const std::int64_t axis = axis_of(view, scale);
  Tensor zeros = Tensor::zeros(ElementType::int64, {});
  CodeBounds bounds{-1, 1, true};
  Quantizer quantizer;
  if (has_width) {
    bounds = bounds_of(view, 3, most_bits);
    zeros = parameter(view, 2, "zero point");
    if (zeros.size() != 1 && zeros.size() != scale.size())
      view.fail("its zero point of shape " + to_string(zeros.shape) + " does not fit its scale of shape " +
                to_string(scale.shape));
    quantizer.rounding = rounding_of(view, "ROUND");
  }
  quantizer.lowest = bounds.lowest;
  quantizer.highest = bounds.highest;
  if (bounds.bipolar) quantizer.rounding = is_sign ? Quantizer::Rounding::sign : Quantizer::Rounding::bipolar;

  const std::int64_t count = scale.size();
  Tensor scales = Tensor::zeros(ElementType::float32, axis < 0 ? Shape{} : Shape{count});
  std::vector<std::int64_t> zero_points;
  std::int64_t least_zero = 0, largest_zero = 0;
  for (std::int64_t i = 0; i < count; ++i) {
    check_scale(view, scale.number(i));
    scales.data<float>()[i] = static_cast<float>(scale.number(i));
    const double zero = zeros.number(zeros.size() == 1 ? 0 : i);
    if (zero != std::floor(zero) || std::abs(zero) > 0x1p31)
      view.fail("its zero point " + std::to_string(zero) + " is not a whole number");
    zero_points.push_back(static_cast<std::int64_t>(zero));
    least_zero = std::min(least_zero, zero_points.back());
    largest_zero = std::max(largest_zero, zero_points.back());
  }
  std::int64_t inner = 1;
  for (std::size_t i = static_cast<std::size_t>(axis + 1); axis >= 0 && i < values.shape.size(); ++i)
    inner *= values.shape[i];
  std::vector<std::int64_t> codes;
  for (std::int64_t i = 0; i < values.size(); ++i) {
    const auto channel = static_cast<std::size_t>(axis < 0 ? 0 : i / inner % count);
    quantizer.scale = scales.data<float>()[channel];
    quantizer.zero_point = zero_points[channel];
    codes.push_back(quantizer.code(values.number(i)));
  }
  // The type of the codes that there are: seldom all that the width would have.
  ElementType type = ElementType::int32;
  const auto [least, largest] = std::minmax_element(codes.begin(), codes.end());
  const std::int64_t low = codes.empty() ? 0 : std::min(*least, least_zero),
                     high = codes.empty() ? 0 : std::max(*largest, largest_zero);
  if (low >= -128 && high <= (low < 0 ? 127 : 255)) type = type_of_codes(view, low, high, 0);
  const std::string& output = node.outputs.at(0);
  Node result{node.name, "DequantizeLinear", "", {}, {output}, {}};
  if (axis >= 0) result.attributes["axis"] = axis;
  const Shape shape = scales.shape;
  if (axis < 0) zero_points.resize(1);
  result.inputs = {add_constant(graph, output + "_codes", Tensor::of_integers(type, values.shape, codes)),
                   add_constant(graph, output + "_scale", std::move(scales)),
                   add_constant(graph, output + "_zero_point", Tensor::of_integers(type, shape, zero_points))};
  return {result};
}

}  // namespace northpole::network
