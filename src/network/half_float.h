// IEEE 754 half precision and bfloat16 as files store them, to and from float32.
#pragma once

#include <cstdint>

namespace northpole::network {

float half_to_float(std::uint16_t bits);
// Rounds to nearest even; overflow gives infinity.
std::uint16_t float_to_half(float value);
float bfloat16_to_float(std::uint16_t bits);

}  // namespace northpole::network
