// What the verifier found: the first violation of "What is a fault" (docs/instruction-set.md), in cycle order.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "isa/instruction.h"

namespace northpole::verify {

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
// "bank conflict", as on the page.
const char* name(FaultKind kind);

struct Fault {
  FaultKind kind = FaultKind::malformed;
  std::uint64_t cycle = 0;
  bool edge = false;                  // in an edge unit instead of a core
  std::uint32_t place = 0;            // core, or the edge unit's row
  std::optional<isa::Thread> thread;  // none where the fault is of no thread's doing (the program as a whole, the host)
  std::string resource;               // "bank 2", "link east of row 3, column 4 of the activation network", ...
  std::string message;                // what is wrong with it
  // The instruction at which it was found, and the one before it that it collides with; empty where there is none.
  std::string second_instruction, second_layer;
  std::string first_instruction, first_layer;
};

// One line: kind, cycle, place, thread, resource, both instructions with their layers.
std::string describe(const Fault& fault);

}  // namespace northpole::verify
