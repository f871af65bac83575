#include "machine/fast/conversion.h"

#include <cstring>

#include "machine/unpack.h"

namespace northpole::machine::fast {
namespace {

constexpr std::uint64_t in_each_byte = 0x0101010101010101u;

// Eight codes in the lowest bits of eight bytes; no step carries from one byte into the next.
std::uint64_t with_signs(std::uint64_t codes, std::uint32_t bits) {
  const std::uint64_t sign = in_each_byte << (bits - 1), top = in_each_byte << 7;
  return (((codes ^ sign) | top) - sign) ^ top;
}

// The lowest 32 (4-bit) or 16 (2-bit) bits, an element in each byte.
std::uint64_t spread(std::uint64_t packed, std::uint32_t bits) {
  if (bits == 4) packed = (packed | packed << 16) & 0x0000ffff0000ffffu;
  if (bits == 2) packed = (packed | packed << 24) & 0x000000ff000000ffu;
  if (bits == 4) {
    packed = (packed | packed << 8) & 0x00ff00ff00ff00ffu;
    return (packed | packed << 4) & 0x0f0f0f0f0f0f0f0fu;
  }
  packed = (packed | packed << 12) & 0x000f000f000f000fu;
  return (packed | packed << 6) & 0x0303030303030303u;
}

void extend(const std::uint8_t* codes, std::uint32_t bits, bool is_signed, std::uint8_t* output) {
  for (std::size_t i = 0; i < chip::word_bytes; i += 8) {
    std::uint64_t eight;
    std::memcpy(&eight, codes + i, 8);
    eight &= in_each_byte * ((1u << bits) - 1);
    if (is_signed) eight = with_signs(eight, bits);
    std::memcpy(output + i, &eight, 8);
  }
}

void pack(const Conversion& conversion, const std::uint32_t* slots, const std::uint8_t* arena, std::uint8_t* output) {
  for (std::uint32_t quarter = 0; quarter < word_quarters; ++quarter) {
    const std::uint32_t bits = conversion.quarter_bits[quarter], elements = 64 / bits;
    const std::uint8_t* codes = arena + std::size_t{slots[quarter]} * chip::word_bytes;
    // A part's 32 codes fill two quarters with 4 bits each, or one with 2.
    pack_codes(codes + quarter * elements % chip::lanes, bits, elements,
               output + quarter * (chip::word_bytes / word_quarters));
  }
}

}  // namespace

std::uint32_t Conversion::number() const {
  std::uint32_t result = static_cast<std::uint32_t>(kind) | (is_signed ? 4u : 0u);
  if (kind != Kind::pack) return result | std::uint32_t{bits} << 3 | std::uint32_t{part} << 7;
  for (std::uint32_t quarter = 0; quarter < word_quarters; ++quarter)
    result |= std::uint32_t{quarter_bits[quarter]} << (3 + 4 * quarter);
  return result;
}

void unpack_elements(const std::uint8_t* bytes, std::uint32_t bits, bool is_signed, std::size_t count,
                     std::uint8_t* codes) {
  for (std::size_t i = 0; i < count; i += 8, bytes += bits) {
    std::uint32_t packed = 0;
    std::memcpy(&packed, bytes, bits);
    std::uint64_t eight = spread(packed, bits);
    if (is_signed) eight = with_signs(eight, bits);
    std::memcpy(codes + i, &eight, 8);
  }
}

void convert(const Conversion& conversion, const std::uint32_t* slots, std::size_t rows, const std::uint8_t* arena,
             std::uint8_t* output) {
  for (std::size_t row = 0; row < rows; ++row, slots += conversion.inputs(), output += chip::word_bytes) {
    const std::uint8_t* word = arena + std::size_t{slots[0]} * chip::word_bytes;
    switch (conversion.kind) {
      case Conversion::Kind::unpack:
        unpack_elements(word + std::size_t{4} * conversion.bits * conversion.part, conversion.bits,
                        conversion.is_signed, chip::lanes, output);
        break;
      case Conversion::Kind::extend:
        extend(word, conversion.bits, conversion.is_signed, output);
        break;
      case Conversion::Kind::pack:
        pack(conversion, slots, arena, output);
        break;
    }
  }
}

}  // namespace northpole::machine::fast
