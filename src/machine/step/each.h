// The loop over a cycle's events of one kind of thread.
#pragma once

#include "machine/step/simulator.h"

namespace northpole::machine::step {

template <typename Event>
inline void Simulator::each_of_kind(std::uint32_t kind, std::uint64_t& count, Event event) {
  std::uint32_t id = wheel_.take(now_, kind);
  if (id == EventWheel::none) return;
  last_event_ = now_;
  // Units come in the order of their ids; edge units after the cores.
  const std::uint32_t first =
      kind < isa::thread_count ? kind * cores_ : first_edge_ + (kind - isa::thread_count) * chip_.rows - cores_;
  while (id != EventWheel::none) {
    const std::uint32_t following = wheel_.following(id);
    ++count;
    ++activity_[id - first].events;
    ThreadState& thread = threads_[id];
    if (thread.opcode == isa::Opcode::end) [[unlikely]] {
      end_thread(id);
    } else if (thread.opcode == isa::Opcode::switch_program) [[unlikely]] {
      switch_thread(id);
    } else {
      event(id);
      std::uint64_t cycle = now_;
      if (thread.loops.advance(cycle, thread.operand)) {
        wheel_.schedule(now_, kind, id, cycle);
      } else {
        fetching_.push_back(id);
      }
    }
    id = following;
  }
}

template <typename Event>
inline void Simulator::each(isa::Thread kind, Event event) {
  each_of_kind(static_cast<std::uint32_t>(kind), statistics_.events[static_cast<std::size_t>(kind)], event);
}

}  // namespace northpole::machine::step
