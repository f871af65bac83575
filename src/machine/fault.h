// What stops the machine: docs/instruction-set.md, "What is a fault".
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "program/fault_kind.h"

namespace northpole::machine {

using program::FaultKind;
using program::name;

struct Fault {
  FaultKind kind = FaultKind::malformed;
  std::uint64_t cycle = 0;
  std::optional<std::uint32_t> core;  // or
  std::optional<std::uint32_t> edge;  // the row of an edge unit; neither for faults of the program as a whole
  std::string thread;                 // empty where no thread is to blame
  std::string resource;               // "bank 2", "east link", "partial sum 17", ...
  std::string first;   // the instruction that used the resource before, with its core and layer; may be empty
  std::string second;  // the instruction at which the fault shows; may be empty
  std::string layer;   // of the second instruction
};

// One line: cycle, core, thread, kind, resource, both instructions, layer.
std::string to_text(const Fault& fault);

}  // namespace northpole::machine
