// The modes that an operation's flags and immediates hold.
#include "isa/instruction.h"

namespace northpole::isa {

std::uint32_t encode(const MultiplyMode& mode) {
  return mode.initialize_mask | static_cast<std::uint32_t>(mode.release_mask) << 8 |
         static_cast<std::uint32_t>(mode.activation_signed) << 16 |
         static_cast<std::uint32_t>(mode.activation_bits & 15) << 20 |
         static_cast<std::uint32_t>(mode.weight_bits & 15) << 24;
}

MultiplyMode decode_multiply_mode(std::uint32_t immediate) {
  MultiplyMode mode;
  mode.initialize_mask = static_cast<std::uint8_t>(immediate);
  mode.release_mask = static_cast<std::uint8_t>(immediate >> 8);
  mode.activation_signed = (immediate >> 16 & 1) != 0;
  mode.activation_bits = immediate >> 20 & 15;
  mode.weight_bits = immediate >> 24 & 15;
  return mode;
}

std::uint32_t encode(const VectorMode& mode) {
  return mode.function_register | static_cast<std::uint32_t>(mode.first_mask) << 8 |
         static_cast<std::uint32_t>(mode.last_mask) << 16;
}

VectorMode decode_vector_mode(std::uint32_t immediate) {
  VectorMode mode;
  mode.function_register = static_cast<std::uint8_t>(immediate);
  mode.first_mask = static_cast<std::uint8_t>(immediate >> 8);
  mode.last_mask = static_cast<std::uint8_t>(immediate >> 16);
  return mode;
}

std::uint32_t encode(const VectorParts& parts) {
  return (parts.output & 3u) | (parts.source & 3u) << 2 | (parts.second & 3u) << 4 |
         static_cast<std::uint32_t>(parts.first) << 6 | static_cast<std::uint32_t>(parts.rest) << 7;
}

VectorParts decode_vector_parts(std::uint32_t immediate) {
  VectorParts parts;
  parts.output = immediate & 3;
  parts.source = immediate >> 2 & 3;
  parts.second = immediate >> 4 & 3;
  parts.first = (immediate >> 6 & 1) != 0;
  parts.rest = (immediate >> 7 & 1) != 0;
  return parts;
}

std::uint8_t encode(const LaneRange& range) {
  return static_cast<std::uint8_t>((range.first & 15) | (range.count & 15) << 4);
}

LaneRange decode_lane_range(std::uint8_t flags) {
  return {static_cast<std::uint8_t>(flags & 15), static_cast<std::uint8_t>(flags >> 4)};
}

std::uint32_t encode(const PassMode& mode) {
  return (static_cast<std::uint32_t>(mode.in) & 15) | (static_cast<std::uint32_t>(mode.out) & 15) << 4 |
         static_cast<std::uint32_t>(mode.local) << 8;
}

PassMode decode_pass_mode(std::uint32_t immediate) {
  PassMode mode;
  mode.in = static_cast<Direction>(immediate & 15);
  mode.out = static_cast<Direction>(immediate >> 4 & 15);
  mode.local = (immediate >> 8 & 1) != 0;
  return mode;
}

}  // namespace northpole::isa
