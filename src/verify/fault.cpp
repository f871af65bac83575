#include "verify/fault.h"

#include <fmt/format.h>

namespace northpole::verify {

const char* name(FaultKind kind) {
  switch (kind) {
    case FaultKind::bank_conflict:
      return "bank conflict";
    case FaultKind::link_conflict:
      return "link conflict";
    case FaultKind::port_conflict:
      return "port conflict";
    case FaultKind::lost_word:
      return "lost word";
    case FaultKind::missing_word:
      return "missing word";
    case FaultKind::unwritten:
      return "unwritten";
    case FaultKind::wrong_tensor:
      return "wrong tensor";
    case FaultKind::overwritten:
      return "overwritten";
    case FaultKind::image_overwritten:
      return "image overwritten";
    case FaultKind::in_flight:
      return "in flight";
    case FaultKind::address:
      return "address";
    case FaultKind::route:
      return "route";
    case FaultKind::malformed:
      return "malformed";
    case FaultKind::no_end:
      return "no end";
    case FaultKind::left_behind:
      return "left behind";
  }
  return "fault";
}

std::string describe(const Fault& fault) {
  std::string text = fmt::format("{} in cycle {}, {} {}", name(fault.kind), fault.cycle,
                                 fault.edge ? "edge unit" : "core", fault.place);
  if (fault.thread) text += fmt::format(", thread {}", isa::name(*fault.thread));
  if (!fault.resource.empty()) text += ", " + fault.resource;
  text += ": " + fault.message;
  const auto add = [&](const char* role, const std::string& instruction, const std::string& layer) {
    if (instruction.empty()) return;
    text += fmt::format("; {} [{}]", role, instruction);
    if (!layer.empty()) text += fmt::format(" of {}", layer);
  };
  add("by", fault.second_instruction, fault.second_layer);
  add("against", fault.first_instruction, fault.first_layer);
  return text;
}

}  // namespace northpole::verify
