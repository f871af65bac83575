// What the vector unit does with a vector of 32 lanes: two words (64 bytes) in its constant registers.
// docs/instruction-set.md ("vector") gives the arithmetic; docs/numerics.md says why it is so.
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "isa/instruction.h"

namespace northpole::isa {

enum class VectorSource : std::uint8_t { partial_sum, memory };
enum class VectorReduction : std::uint8_t { none, maximum };
enum class VectorOperation : std::uint8_t {
  move,              // r = x
  scale,             // r = F(x kx)
  add,               // r = F(F(x kx) + s), s = F(y ky) or the lane's constant
  subtract,          // r = F(F(x kx) - s)
  reverse_subtract,  // r = F(s - F(x kx))
  multiply,          // r = F(F(x kx) y), or F(x constant)
  leaky_relu,        // r = F(x (x >= 0 ? kx : ky))
  sigmoid,           // v = F(x kx), w = F(1 / (1 + exp(-v))), r = F(w ky)
  hard_sigmoid,      // v = F(x kx), w = min(1, max(0, F(F(alpha v) + beta))), r = F(w ky)
  hard_swish,        // v = F(x kx), h as in hard_sigmoid, w = F(v h), r = F(w ky)
  offset,            // of partial sums alone: r = x, whose rounding had the lane's constant added before it
};
enum class VectorSecond : std::uint8_t { none, memory, constant };

struct VectorFunction {
  VectorSource source = VectorSource::partial_sum;
  VectorReduction reduction = VectorReduction::none;
  VectorOperation operation = VectorOperation::move;
  VectorSecond second = VectorSecond::none;
  bool source_signed = true;  // codes of a source in memory are two's complement, else unsigned
  bool second_signed = true;
  // Width of an element in memory: 8, 4 or 2. Narrow elements lie in a quarter or half of a word (VectorParts); those
  // of a source or second operand that is not memory are 8.
  std::uint8_t source_bits = 8, second_bits = 8, output_bits = 8;
  std::int32_t source_zero = 0;
  std::int32_t second_zero = 0;
  std::int32_t middle_lowest = 0;  // clamp after requantizing a partial sum, relative to its zero point
  std::int32_t middle_highest = 0;
  std::int32_t output_zero = 0;
  std::int32_t output_lowest = 0;  // codes
  std::int32_t output_highest = 0;
  float kx = 1, ky = 1, alpha = 0, beta = 0;  // already rounded to the vector precision

  bool operator==(const VectorFunction&) const = default;
};

std::array<Word, 2> encode(const VectorFunction& function);
// Nothing when an enumeration or a width is out of range or a reserved bit is set, when an operand that is not memory
// is narrow, when an offset is of anything but partial sums and constants of the lanes, when there is a second operand that the operation does not take or none although it takes one, a reduction
// of partial sums, or a lowest above its highest.
std::optional<VectorFunction> decode_vector_function(const Word& first, const Word& second);

}  // namespace northpole::isa
