#include "machine/fault.h"

#include <fmt/format.h>

namespace northpole::machine {

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
