// Little-endian numbers inside instruction words.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>

#include "isa/instruction.h"

namespace northpole::isa {

inline void put16(Word& word, std::size_t at, std::uint16_t value) {
  word[at] = static_cast<std::uint8_t>(value);
  word[at + 1] = static_cast<std::uint8_t>(value >> 8);
}

inline void put32(Word& word, std::size_t at, std::uint32_t value) {
  put16(word, at, static_cast<std::uint16_t>(value));
  put16(word, at + 2, static_cast<std::uint16_t>(value >> 16));
}

inline std::uint16_t get16(const Word& word, std::size_t at) {
  return static_cast<std::uint16_t>(word[at] | word[at + 1] << 8);
}

inline std::uint32_t get32(const Word& word, std::size_t at) {
  return get16(word, at) | static_cast<std::uint32_t>(get16(word, at + 2)) << 16;
}

}  // namespace northpole::isa
