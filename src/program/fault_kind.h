// The faults that a program can have: docs/instruction-set.md, "What is a fault". Only the words: verifier and simulator each
// find them by rules of their own.
#pragma once

#include <cstdint>

namespace northpole::program {

enum class FaultKind : std::uint8_t {
  bank_conflict,
  link_conflict,
  port_conflict,
  lost_word,
  missing_word,
  unwritten,
  wrong_tensor,
  overwritten,
  image_overwritten,
  in_flight,
  address,
  route,
  malformed,
  no_end,
  left_behind,
};
inline constexpr int fault_kinds = 15;

// As the page calls it: "bank conflict", ...
const char* name(FaultKind kind);

}  // namespace northpole::program
