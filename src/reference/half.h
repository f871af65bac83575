// Rounding to the vector precision of docs/numerics.md, for the reference interpreter alone (the machine has its own).
//
// A value of either precision is held in a float; every half-precision number is a float too. Arithmetic on halves
// is done in float and rounded once more: float has more than 2 * 11 + 2 significant bits, so for +, -, * and / the
// two roundings give what one rounding of the exact result gives.
#pragma once

#include <bit>
#include <cmath>
#include <cstdint>

namespace northpole::reference {

enum class Precision { fp16, fp32 };

// The half-precision number nearest to the value, ties to the even one: subnormals included, infinity from 65520 on.
inline float round_to_half(float value) {
  const std::uint32_t bits = std::bit_cast<std::uint32_t>(value);
  const std::uint32_t sign = bits & 0x80000000u;
  const float magnitude = std::bit_cast<float>(bits & 0x7fffffffu);
  // Below 2^-14 halves are multiples of 2^-24, which is what floats in [0.5, 1) are: the addition rounds.
  const float subnormal = (magnitude + 0.5f) - 0.5f;
  // Elsewhere 13 of float's 23 fraction bits go; a carry runs on into the exponent, as it should.
  const std::uint32_t kept = std::bit_cast<std::uint32_t>(magnitude);
  const float normal = std::bit_cast<float>((kept + 0xfffu + ((kept >> 13) & 1u)) & ~0x1fffu);
  float result = magnitude < 0x1p-14f ? subnormal : normal;
  result = magnitude >= 65520.0f ? INFINITY : result;
  result = std::isnan(value) ? value : result;
  return std::bit_cast<float>(std::bit_cast<std::uint32_t>(result) | sign);
}

// The same from a double, in one rounding.
float round_to_half_from_double(double value);

template <Precision precision>
inline float rounded(float value) {
  return precision == Precision::fp16 ? round_to_half(value) : value;
}

// F(..) of docs/numerics.md for values that are not in an inner loop.
inline float rounded(Precision precision, float value) {
  return precision == Precision::fp16 ? round_to_half(value) : value;
}
inline float rounded_from_double(Precision precision, double value) {
  return precision == Precision::fp16 ? round_to_half_from_double(value) : static_cast<float>(value);
}

}  // namespace northpole::reference
