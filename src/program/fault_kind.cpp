#include "program/fault_kind.h"

namespace northpole::program {

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

}  // namespace northpole::program
