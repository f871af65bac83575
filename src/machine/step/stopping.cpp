// Faults: who, where and what, in words.
#include <fmt/format.h>

#include "isa/assembly.h"
#include "machine/step/simulator.h"
#include "network/text.h"

namespace northpole::machine::step {

std::uint32_t Simulator::kind_of(std::uint32_t id) const {
  return id < first_edge_ ? id / cores_ : isa::thread_count + (id - first_edge_) / chip_.rows;
}

std::uint32_t Simulator::unit_of(std::uint32_t id) const {
  return id < first_edge_ ? id % cores_ : (id - first_edge_) % chip_.rows;
}

std::string Simulator::tensor_name(std::uint16_t tag) const {
  if (tag >= program_->tensors.size()) return fmt::format("#{}", tag);
  return fmt::format("#{} {}", tag, network::quoted_name(program_->tensors[tag].name));
}

std::string Simulator::instruction_text(const isa::Instruction& instruction) const {
  return isa::assembly_line(instruction, [this](std::uint16_t tag) {
    return tag < program_->tensors.size() ? program_->tensors[tag].name : std::string();
  });
}

std::string Simulator::masks_text(const ThreadState& thread) const {
  return fmt::format("columns {:#x}, rows {:#x}", thread.immediate[0], thread.immediate[1]);
}

std::string Simulator::layer_of(const Actor& who) const {
  if (who.thread >= first_edge_ || who.segment >= program_->segments.size()) return {};
  return program_->segments[who.segment].layer;
}

std::string Simulator::describe(const Actor& who) const {
  if (who.thread >= threads_.size() || who.instruction == nullptr) return {};
  const std::uint32_t kind = kind_of(who.thread);
  const std::string thread = isa::name(kind < isa::thread_count ? static_cast<isa::Thread>(kind)
                                       : kind == edge_send_kind ? isa::Thread::send
                                                                : isa::Thread::receive);
  const std::string layer = layer_of(who);
  return fmt::format("{} {}, thread {}: {}{}", is_edge(who.thread) ? "edge unit of row" : "core", unit_of(who.thread),
                     thread, instruction_text(*who.instruction),
                     layer.empty() ? "" : fmt::format(" [layer {}]", layer));
}

Simulator::Stop Simulator::make_stop(FaultKind kind, std::uint64_t cycle, const Actor& who, std::string what,
                                     const Resource& resource) const {
  Stop stop;
  stop.resource = resource;
  stop.fault.kind = kind;
  stop.fault.cycle = cycle;
  stop.fault.resource = std::move(what);
  if (who.thread < threads_.size()) {
    const std::uint32_t thread = kind_of(who.thread);
    (is_edge(who.thread) ? stop.fault.edge : stop.fault.core) = unit_of(who.thread);
    const bool edge_sends = thread == edge_send_kind;
    stop.fault.thread = isa::name(thread < isa::thread_count ? static_cast<isa::Thread>(thread)
                                  : edge_sends               ? isa::Thread::send
                                                             : isa::Thread::receive);
    if (who.instruction) stop.fault.second = instruction_text(*who.instruction);
    stop.fault.layer = layer_of(who);
  }
  if (watching_ && resource == watched_) stop.fault.first = watched_user_;
  return stop;
}

void Simulator::stop(FaultKind kind, const Actor& who, std::string what, const Resource& resource) {
  throw make_stop(kind, now_, who, std::move(what), resource);
}

void Simulator::stop_at(FaultKind kind, std::uint64_t cycle, const Actor& who, std::string what,
                        const Resource& resource) {
  throw make_stop(kind, cycle, who, std::move(what), resource);
}

// A fault that is certain already, but shows in a later cycle: others may come before it.
void Simulator::stop_later(Stop stop) {
  if (stop.fault.cycle >= later_.cycle) return;
  wheel_.mark(stop.fault.cycle);
  later_.cycle = stop.fault.cycle;
  later_.stop = std::move(stop);
}

}  // namespace northpole::machine::step
