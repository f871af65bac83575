#include "machine/fast/narrow_words.h"

namespace northpole::machine::fast {

std::uint8_t forms_of(std::int32_t lowest, std::int32_t highest, std::uint32_t bits) {
  const std::int32_t half = 1 << (bits - 1);
  const bool as_unsigned = lowest >= 0 && highest < 2 * half, as_signed = lowest >= -half && highest < half;
  return static_cast<std::uint8_t>((as_unsigned ? unsigned_codes : 0) | (as_signed ? signed_codes : 0));
}

}  // namespace northpole::machine::fast
