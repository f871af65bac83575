#include "machine/fault.h"

#include <fmt/format.h>

namespace northpole::machine {

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
  return "unknown fault";
}

std::string to_text(const Fault& fault) {
  std::string text = fmt::format("cycle {}", fault.cycle);
  if (fault.core) text += fmt::format(", core {}", *fault.core);
  if (fault.edge) text += fmt::format(", edge unit of row {}", *fault.edge);
  if (!fault.thread.empty()) text += fmt::format(", thread {}", fault.thread);
  text += fmt::format(": {}", name(fault.kind));
  if (!fault.resource.empty()) text += fmt::format(": {}", fault.resource);
  if (!fault.second.empty()) text += fmt::format("; instruction: {}", fault.second);
  if (!fault.layer.empty()) text += fmt::format(" [layer {}]", fault.layer);
  if (!fault.first.empty()) text += fmt::format("; used before by: {}", fault.first);
  return text;
}

}  // namespace northpole::machine
