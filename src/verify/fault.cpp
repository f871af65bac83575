#include "verify/fault.h"

#include <fmt/format.h>

namespace northpole::verify {

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
