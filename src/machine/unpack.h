// Narrow codes to bytes, in bulk: what the arithmetic of both units works on.
#pragma once

#include <cstdint>
#include <cstring>

namespace northpole::machine {

// `count` codes of 2, 4 or 8 bits each, the first in the lowest bits of the first byte, to a byte each: signed ones
// with their sign in all eight bits, unsigned ones with zeros above. `count` is a multiple of 4.
inline void unpack_codes(const std::uint8_t* packed, std::uint32_t bits, bool is_signed, std::uint32_t count,
                         std::uint8_t* codes) {
  const std::uint32_t per_byte = 8 / bits;
  const auto mask = static_cast<std::uint8_t>((1U << bits) - 1);
  // (code ^ sign) - sign extends the sign bit; with sign 0 it leaves the code as it is.
  const auto sign = static_cast<std::uint8_t>(is_signed ? 1U << (bits - 1) : 0);
  for (std::uint32_t byte = 0; byte < count / per_byte; ++byte) {
    for (std::uint32_t i = 0; i < per_byte; ++i) {
      const auto code = static_cast<std::uint8_t>(packed[byte] >> (i * bits) & mask);
      codes[byte * per_byte + i] = static_cast<std::uint8_t>((code ^ sign) - sign);
    }
  }
}

// The other way: of each code the lowest `bits` bits.
inline void pack_codes(const std::uint8_t* codes, std::uint32_t bits, std::uint32_t count, std::uint8_t* packed) {
  if (bits == 8) {
    std::memcpy(packed, codes, count);
    return;
  }
  const std::uint32_t per_byte = 8 / bits;
  const auto mask = static_cast<std::uint8_t>((1U << bits) - 1);
  for (std::uint32_t byte = 0; byte < count / per_byte; ++byte) {
    std::uint8_t value = 0;
    for (std::uint32_t i = 0; i < per_byte; ++i)
      value = static_cast<std::uint8_t>(value | (codes[byte * per_byte + i] & mask) << (i * bits));
    packed[byte] = value;
  }
}

}  // namespace northpole::machine
