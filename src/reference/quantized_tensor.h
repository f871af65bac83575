// An activation tensor of a quantized network: codes, and what they stand for.
#pragma once

#include <cstdint>
#include <vector>

#include "network/graph.h"
#include "reference/half.h"

namespace northpole::reference {

// The real value of a code q is (q - zero_point) * scale.
struct Quantization {
  network::ElementType type = network::ElementType::int8;
  float scale = 1;
  std::int32_t zero_point = 0;

  bool operator==(const Quantization&) const = default;
};

struct QuantizedTensor {
  Quantization quantization;
  network::Shape shape;
  std::vector<std::int16_t> codes;  // of at most 8 bit; the width leaves room for code - zero_point
};

// Where an operator's results go: the quantization of the QuantizeLinear behind it, and the codes that a Relu or Clip
// between the two leaves.
struct Target {
  Quantization quantization;
  std::int32_t lowest = 0, highest = 0;  // codes
  Precision precision = Precision::fp16;

  Target() = default;
  Target(const Quantization& quantization, Precision precision)
      : quantization(quantization),
        lowest(network::lowest_code(quantization.type)),
        highest(network::highest_code(quantization.type)),
        precision(precision) {}

  // Narrows the codes by a Relu or Clip.
  void narrow(const network::Node& clamp);

  // clamp(rne(r), lowest - zero point, highest - zero point) + zero point. Clamping comes first: rounding is monotone,
  // and for small numbers adding and subtracting 1.5 * 2^23 rounds to nearest, ties to even.
  std::int16_t code(float r) const {
    const float low = static_cast<float>(lowest - quantization.zero_point);
    const float high = static_cast<float>(highest - quantization.zero_point);
    float clamped = r > low ? r : low;
    clamped = clamped < high ? clamped : high;
    const float whole = (clamped + 0x1.8p23f) - 0x1.8p23f;
    return static_cast<std::int16_t>(static_cast<std::int32_t>(whole) + quantization.zero_point);
  }
};

// sat(rne(f32(value / scale)) + zero point).
std::int32_t quantized(float value, const Quantization& quantization);

}  // namespace northpole::reference
