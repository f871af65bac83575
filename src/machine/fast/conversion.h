// Words with elements of 4 or 2 bit, as the host has them: 32 codes of a byte each, part by part, so that products and
// vector functions are those of 8 bit. Only what leaves or enters the machine as a packed word is ever converted.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "isa/instruction.h"

namespace northpole::machine::fast {

inline constexpr std::uint32_t word_quarters = 4;  // of 8 bytes: a part of 2-bit elements, half a part of 4-bit ones

struct Conversion {
  enum class Kind : std::uint8_t {
    unpack,  // a word -> the 32 codes of its part
    extend,  // 32 codes of which only the lowest bits count -> signed or unsigned ones
    pack,    // 32 codes for each quarter of a word -> the word
  };
  Kind kind = Kind::unpack;
  bool is_signed = false;
  std::uint8_t bits = 4, part = 0;                         // of unpack and extend: 4 or 2 bits
  std::array<std::uint8_t, word_quarters> quarter_bits{};  // of pack

  bool operator==(const Conversion&) const = default;
  std::uint32_t inputs() const { return kind == Kind::pack ? word_quarters : 1; }
  // Different for different conversions.
  std::uint32_t number() const;
};

// `count` elements of 4 or 2 bit (a multiple of 16), from the lowest bits of bytes[0] on, to a byte each: signed ones
// with their sign in all bits, else with zeros above.
void unpack_elements(const std::uint8_t* bytes, std::uint32_t bits, bool is_signed, std::size_t count,
                     std::uint8_t* codes);

// slots: inputs() of each row, words or codes of the arena (32 bytes each); output: 32 bytes a row.
void convert(const Conversion& conversion, const std::uint32_t* slots, std::size_t rows, const std::uint8_t* arena,
             std::uint8_t* output);

}  // namespace northpole::machine::fast
