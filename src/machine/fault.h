// What stops the machine: docs/instruction-set.md, "What is a fault".
#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace northpole::machine {

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

// As the page calls it: "bank conflict", ...
const char* name(FaultKind kind);

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
