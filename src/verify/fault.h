// What the verifier found: the first violation of "What is a fault" (docs/instruction-set.md), in cycle order.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "isa/instruction.h"
#include "program/fault_kind.h"

namespace northpole::verify {

using program::fault_kinds;
using program::FaultKind;
using program::name;

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
