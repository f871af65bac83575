// What the quantizers of the QONNX dialect do to a number, as its definition has it, in double precision:
//
//   Quant         q = round(clamp(x / scale + zero_point, lowest, highest)), y = (q - zero_point) scale
//   BipolarQuant  q = 1 where x >= 0, else -1; y = q scale. Likewise Quant of one signed bit
//   Trunc         q = round((rne(x / scale + zero_point)) / 2^(bits dropped)), y = (q - zero_point) scale
//   Sign          (a standard operator) q = -1, 0 or 1; y = q
//
// (qonnx.custom_op.general; onnx.brevitas and finn.custom_op.general are the same under older names.) All of them are
// monotone, which is what makes them thresholds of a sum.
#pragma once

#include <cstdint>
#include <string>

#include "network/node_view.h"

namespace northpole::network {

struct Quantizer {
  enum class Rounding { half_even, floor, ceiling, toward_zero, away_from_zero, half_up, half_down, bipolar, sign };

  float scale = 1;  // by tensor
  std::int64_t zero_point = 0;
  std::int64_t lowest = 0, highest = 0;  // codes; of Trunc as wide as int64 until the sum's range is known
  Rounding rounding = Rounding::half_even;
  double divisor = 1;                     // of Trunc: 2^(bits dropped)
  bool rounds_before_zero_point = false;  // QuantizeLinear: round(x / scale) + zero_point

  // The code, within lowest .. highest.
  std::int64_t code(double x) const;
};

// "ROUND", "FLOOR", ... as the attribute rounding_mode has it, whatever its case; fails naming it otherwise.
Quantizer::Rounding rounding_of(const NodeView& view, const char* otherwise);
double rounded(double value, Quantizer::Rounding rounding);

// Codes of a Quant with these attributes and this bit width. Fails unless the width is a whole number from 1 to `most`.
struct CodeBounds {
  std::int64_t lowest, highest;
  bool bipolar;  // one signed bit
};
CodeBounds bounds_of(const NodeView& view, std::size_t width_input, std::int64_t most);

// The only element of a constant input, which must be finite; fails naming `what`.
double number_of_input(const NodeView& view, std::size_t input, const char* what);
// The same for a scale: positive, too.
float scale_of_input(const NodeView& view, std::size_t input);
void check_scale(const NodeView& view, double scale);

bool is_qonnx(const Node& node, const char* op);
// Quant, BipolarQuant, Trunc of the dialect, or the standard Sign.
bool is_quantizer(const Node& node);
// Of a quantizer of activations. Fails for what it cannot be: scales by channel, absurd widths ...
Quantizer quantizer_of(const NodeView& view);

}  // namespace northpole::network
