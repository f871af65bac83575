#include "verify/reporter.h"

#include <fmt/format.h>

#include <tuple>
#include <utility>

#include "isa/assembly.h"

namespace northpole::verify {
namespace {

auto order(const Fault& fault) {
  return std::make_tuple(fault.cycle, fault.edge, fault.place, fault.thread ? static_cast<int>(*fault.thread) : -1);
}

}  // namespace

void Reporter::report(FaultKind kind, std::uint64_t cycle, const Actor& actor, std::string resource,
                      std::string message, InstructionNumber first) {
  Fault fault;
  fault.kind = kind;
  fault.cycle = cycle;
  fault.edge = actor.edge;
  fault.place = actor.place;
  fault.thread = actor.thread;
  fault.resource = std::move(resource);
  fault.message = std::move(message);
  keep(std::move(fault), actor.instruction, first);
}

void Reporter::report_state(FaultKind kind, std::uint64_t cycle, bool edge, std::uint32_t place, std::string resource,
                            std::string message, InstructionNumber first) {
  Fault fault;
  fault.kind = kind;
  fault.cycle = cycle;
  fault.edge = edge;
  fault.place = place;
  fault.resource = std::move(resource);
  fault.message = std::move(message);
  keep(std::move(fault), no_instruction, first);
}

void Reporter::keep(Fault fault, InstructionNumber second, InstructionNumber first) {
  if (fault_ && order(*fault_) <= order(fault)) return;
  name_instruction(second, fault.second_instruction, fault.second_layer);
  name_instruction(first, fault.first_instruction, fault.first_layer);
  fault_ = std::move(fault);
}

void Reporter::name_instruction(InstructionNumber number, std::string& text, std::string& layer) const {
  if (number == no_instruction) return;
  const InstructionLog::Entry* entry = log_.find(number);
  if (entry == nullptr) {
    text = "an instruction long before";
    return;
  }
  text = fmt::format("{} {} {}: {}", entry->edge ? "edge unit" : "core", entry->place, isa::name(entry->thread),
                     isa::assembly_line(entry->section->instructions[entry->index],
                                        [this](std::uint16_t tag) { return tensor_name(tag); }));
  if (entry->edge) {
    layer = "the frame's transfer";
  } else if (entry->segment < program_.segments.size()) {
    layer = program_.segments[entry->segment].layer;
  } else {
    layer = fmt::format("program {}", entry->segment);
  }
}

std::string Reporter::tensor_name(std::uint16_t tag) const {
  if (tag < program_.tensors.size() && !program_.tensors[tag].name.empty()) return program_.tensors[tag].name;
  return fmt::format("tensor {}", tag);
}

}  // namespace northpole::verify
