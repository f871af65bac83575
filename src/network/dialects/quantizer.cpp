#include "network/dialects/quantizer.h"

#include <algorithm>
#include <cctype>
#include <cmath>
#include <limits>

namespace northpole::network {
namespace {

constexpr std::int64_t most_activation_bits = 8;

std::string in_words(double value) {
  std::string text = std::to_string(value);
  if (text.find('.') != std::string::npos) text.erase(text.find_last_not_of('0') + 1);
  if (!text.empty() && text.back() == '.') text.pop_back();
  return text;
}

std::int64_t whole(const NodeView& view, double value, const char* what) {
  if (value != std::floor(value) || std::abs(value) > 0x1p31)
    view.fail(std::string("its ") + what + " is " + in_words(value) + "; whole numbers are supported");
  return static_cast<std::int64_t>(value);
}

}  // namespace

double rounded(double value, Quantizer::Rounding rounding) {
  using Rounding = Quantizer::Rounding;
  switch (rounding) {
    case Rounding::half_even:
      return std::nearbyint(value);
    case Rounding::floor:
      return std::floor(value);
    case Rounding::ceiling:
      return std::ceil(value);
    case Rounding::toward_zero:
      return std::trunc(value);
    case Rounding::away_from_zero:
      return value < 0 ? std::floor(value) : std::ceil(value);
    case Rounding::half_up:  // halves away from zero
      return std::round(value);
    case Rounding::half_down:  // halves towards zero
      return value < 0 ? -std::ceil(-value - 0.5) : std::ceil(value - 0.5);
    case Rounding::bipolar:
      return value >= 0 ? 1 : -1;
    case Rounding::sign:
      return value > 0 ? 1 : value < 0 ? -1 : 0;
  }
  return value;
}

std::int64_t Quantizer::code(double x) const {
  if (rounding == Rounding::bipolar || rounding == Rounding::sign)
    return static_cast<std::int64_t>(rounded(x / static_cast<double>(scale), rounding));
  const auto zero = static_cast<double>(zero_point);
  double value = x / static_cast<double>(scale);
  if (rounds_before_zero_point)
    return static_cast<std::int64_t>(
        std::clamp(std::nearbyint(value) + zero, static_cast<double>(lowest), static_cast<double>(highest)));
  value += zero;
  if (divisor != 1) value = std::nearbyint(value) / divisor;
  value = std::clamp(value, static_cast<double>(lowest), static_cast<double>(highest));
  return static_cast<std::int64_t>(rounded(value, rounding));
}

Quantizer::Rounding rounding_of(const NodeView& view, const char* otherwise) {
  using Rounding = Quantizer::Rounding;
  std::string name = view.node.text("rounding_mode", otherwise);
  std::transform(name.begin(), name.end(), name.begin(), [](unsigned char c) { return std::toupper(c); });
  if (name == "ROUND" || name == "HALF_EVEN") return Rounding::half_even;
  if (name == "FLOOR") return Rounding::floor;
  if (name == "CEIL") return Rounding::ceiling;
  if (name == "DOWN" || name == "ROUND_TO_ZERO") return Rounding::toward_zero;
  if (name == "UP") return Rounding::away_from_zero;
  if (name == "HALF_UP") return Rounding::half_up;
  if (name == "HALF_DOWN") return Rounding::half_down;
  view.fail("its rounding_mode '" + name + "' is not known; ROUND, FLOOR, CEIL, UP, DOWN, HALF_UP and HALF_DOWN are");
}

double number_of_input(const NodeView& view, std::size_t input, const char* what) {
  if (!view.has_input(input)) view.fail(std::string("its ") + what + " is missing");
  const Tensor* tensor = view.constant(input);
  if (tensor == nullptr)
    view.fail(std::string("its ") + what + " must be constant; export the network with folded constants");
  if (tensor->size() != 1)
    view.fail(std::string("its ") + what + " of shape " + to_string(tensor->shape) +
              " must be one number; export activations quantized by tensor (scaling_per_output_channel=False)");
  const double value = tensor->number(0);
  if (!std::isfinite(value)) view.fail(std::string("its ") + what + " is not a finite number");
  return value;
}

void check_scale(const NodeView& view, double scale) {
  if (!(scale > 0) || !std::isfinite(scale))
    view.fail("its scale holds " + std::to_string(scale) + "; scales are positive");
}

float scale_of_input(const NodeView& view, std::size_t input) {
  if (!view.has_input(input)) view.fail("its scale is missing");
  if (const Tensor* tensor = view.constant(input); tensor != nullptr && tensor->size() == 1)
    check_scale(view, tensor->number(0));
  return static_cast<float>(number_of_input(view, input, "scale"));
}

CodeBounds bounds_of(const NodeView& view, std::size_t width_input, std::int64_t most) {
  const std::int64_t bits = whole(view, number_of_input(view, width_input, "bit width"), "bit width");
  if (bits < 1 || bits > most)
    view.fail("its bit width is " + std::to_string(bits) + "; 1 to " + std::to_string(most) +
              " are supported: export it with fewer (bit_width)");
  const bool is_signed = view.node.integer("signed", 1) != 0, narrow = view.node.integer("narrow", 0) != 0;
  const std::int64_t half = std::int64_t{1} << (bits - 1);
  if (is_signed && bits == 1) return {-1, 1, true};
  if (is_signed) return {-half + (narrow ? 1 : 0), half - 1, false};
  const std::int64_t highest = 2 * half - (narrow ? 2 : 1);
  if (highest == 0) view.fail("one narrow unsigned bit leaves nothing but 0");
  return {0, highest, false};
}

bool is_qonnx(const Node& node, const char* op) {
  return node.op == op && (node.domain == "qonnx.custom_op.general" || node.domain == "onnx.brevitas" ||
                           node.domain == "finn.custom_op.general");
}

bool is_quantizer(const Node& node) {
  return is_qonnx(node, "Quant") || is_qonnx(node, "BipolarQuant") || is_qonnx(node, "Trunc") ||
         (node.op == "Sign" && node.domain.empty());
}

Quantizer quantizer_of(const NodeView& view) {
  Quantizer result;
  if (view.node.op == "Sign") {
    result.lowest = -1;
    result.highest = 1;
    result.rounding = Quantizer::Rounding::sign;
    return result;
  }
  result.scale = scale_of_input(view, 1);
  if (view.node.op == "BipolarQuant") {
    result.lowest = -1;
    result.highest = 1;
    result.rounding = Quantizer::Rounding::bipolar;
    return result;
  }
  result.zero_point = whole(view, number_of_input(view, 2, "zero point"), "zero point");
  if (view.node.op == "Trunc") {
    const std::int64_t before = whole(view, number_of_input(view, 3, "input bit width"), "input bit width");
    const std::int64_t after = whole(view, number_of_input(view, 4, "output bit width"), "output bit width");
    if (after < 1 || before < after || before > 32)
      view.fail("it truncates from " + std::to_string(before) + " to " + std::to_string(after) +
                " bits; from 32 at most, to 1 at least");
    if (view.node.inputs.size() > 5)
      view.fail("an output scale of its own is not supported; export Trunc of version 1");
    result.divisor = std::ldexp(1.0, static_cast<int>(before - after));
    result.rounding = rounding_of(view, "FLOOR");
    result.lowest = std::numeric_limits<std::int32_t>::min();
    result.highest = std::numeric_limits<std::int32_t>::max();
    return result;
  }
  const CodeBounds bounds = bounds_of(view, 3, most_activation_bits);
  result.lowest = bounds.lowest;
  result.highest = bounds.highest;
  result.rounding = bounds.bipolar ? Quantizer::Rounding::bipolar : rounding_of(view, "ROUND");
  if (bounds.bipolar && result.zero_point != 0) view.fail("one signed bit with a zero point has no meaning");
  return result;
}

}  // namespace northpole::network
