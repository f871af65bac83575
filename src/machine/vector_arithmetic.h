// The vector unit's arithmetic on its 32 lanes: docs/instruction-set.md, "Vector unit", and docs/numerics.md.
#pragma once

#include <cstdint>

#include "chip/chip_description.h"
#include "isa/vector_function.h"

namespace northpole::machine {

// F(exact): rounds a real number, given as a double, to the nearest number of the vector precision, ties to even. A
// double holds every sum, difference and product of two numbers of either precision, and of one and a 16-bit integer,
// with at least 2 p + 2 significant bits, so that rounding its result again is rounding the exact one.
double round_to_half(double value);
double round_to(chip::VectorPrecision precision, double value);

// Step 1 for a partial sum: x = clamp(rne(f32(f32(sum + bias) scale)), lowest, highest), lane by lane; with an offset
// (else null) x = clamp(rne(f32(f32(f32(sum + bias) scale) + offset)), lowest, highest).
void requantize(const std::int32_t* sum, const std::int32_t* bias, const float* scale, const float* offset,
                std::int32_t lowest, std::int32_t highest, std::int32_t* x);

// x = code - zero for a word of 32 codes.
void load_codes(const std::uint8_t* codes, bool is_signed, std::int32_t zero, std::int32_t* x);

// Steps 4 and 5: the operation on x and the second operand (y for one in memory, constant for one in constant
// registers; the other may be null), and the 32 output codes.
void apply(const isa::VectorFunction& function, chip::VectorPrecision precision, const std::int32_t* x,
           const std::int32_t* y, const float* constant, std::uint8_t* codes);

}  // namespace northpole::machine
