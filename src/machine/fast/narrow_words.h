// Memory words that vector events write part by part: which codes lie in which quarter. Nothing is packed until
// somebody reads the word as something else than its parts.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "machine/fast/data_flow.h"

namespace northpole::machine::fast {

// As what a value's bytes may be read: bytes of narrow codes are signed numbers, unsigned ones, or both.
inline constexpr std::uint8_t unsigned_codes = 1, signed_codes = 2;
constexpr std::uint8_t form_of(bool is_signed) { return is_signed ? signed_codes : unsigned_codes; }
// Of codes in this range, of which the machine keeps `bits` bits; none when it cuts some off.
std::uint8_t forms_of(std::int32_t lowest, std::int32_t highest, std::uint32_t bits);

struct NarrowCodes {
  Value codes = no_value;
  std::uint8_t bits = 0;
  std::uint8_t forms = 0;
};

struct NarrowWord {
  std::array<NarrowCodes, word_quarters> quarters;  // both quarters of a 4-bit part have its codes
  Value packed = no_value;                          // the word, once it is needed

  bool complete() const {
    for (const NarrowCodes& quarter : quarters) {
      if (quarter.codes == no_value) return false;
    }
    return true;
  }
  // Part `part` of elements as wide as `codes`.
  void write(std::uint32_t part, const NarrowCodes& codes) {
    const std::uint32_t size = codes.bits / 2u;
    for (std::uint32_t quarter = part * size; quarter < (part + 1) * size; ++quarter) quarters[quarter] = codes;
  }
};

}  // namespace northpole::machine::fast
