// A thread's way through its programs: sections, instruction after instruction, from half to half.
#include "machine/step/resolve.h"
#include "machine/step/simulator.h"

namespace northpole::machine::step {

void Simulator::start_threads() {
  for (std::uint32_t id = 0; id < threads_.size(); ++id) {
    ThreadState& thread = threads_[id];
    thread = ThreadState();
    SectionProblem problem;
    if (is_edge(id)) {
      const bool sends = kind_of(id) == edge_send_kind;
      const program::Edge& edge = program_->edges[unit_of(id)];
      thread.section = read_edge_section(sends ? edge.send : edge.receive,
                                         sends ? isa::Thread::send : isa::Thread::receive, problem);
    } else {
      thread.section = read_section(halves_[unit_of(id)][0], static_cast<isa::Thread>(kind_of(id)), problem);
    }
    if (!thread.section) stop(problem.kind, {id, 0, nullptr}, problem.what);
  }
  for (std::uint32_t id = 0; id < threads_.size(); ++id) fetch(id, 0);
}

// The thread's instruction for its next event, which is in `cycle` at the earliest.
void Simulator::fetch(std::uint32_t id, std::uint64_t cycle) {
  if (cycle >= program_->cycles) return;  // the run is over before; it will be missed at the end
  ThreadState& thread = threads_[id];
  if (cycle > 0) {
    thread.previous_cycle = now_;
    thread.has_previous = true;
    ++thread.index;
  }
  thread.instruction = &(*thread.section)[thread.index];
  activity_[is_edge(id) ? cores_ + unit_of(id) : unit_of(id)].instruction_words +=
      isa::encoded_words(*thread.instruction);
  SectionProblem problem;
  const ProgramHalf* half = is_edge(id) ? nullptr : &halves_[unit_of(id)][thread.half];
  if (!resolve(chip_, half, thread, problem)) stop_at(problem.kind, cycle, actor(id), problem.what);
  if (is_edge(id)) {
    if (thread.opcode == isa::Opcode::send)
      thread.route.to_cores(chip_, true, unit_of(id), 0, thread.immediate[0], thread.immediate[1],
                            chip_.word_link_cycles);
  } else if (thread.opcode == isa::Opcode::send || thread.opcode == isa::Opcode::send_weights ||
             thread.opcode == isa::Opcode::send_program) {
    const std::uint32_t row = unit_of(id) / chip_.columns, column = unit_of(id) % chip_.columns;
    if (thread.opcode == isa::Opcode::send && (thread.flags & isa::send_west_edge)) {
      thread.route.to_west_edge(chip_, row, column);
    } else {
      thread.route.to_cores(chip_, false, row, column, thread.immediate[0], thread.immediate[1],
                            thread.opcode == isa::Opcode::send_weights ? 1 : chip_.word_link_cycles);
    }
  }
  wheel_.schedule(now_, kind_of(id), id, thread.cycle);
}

void Simulator::end_thread(std::uint32_t id) {
  ThreadState& thread = threads_[id];
  thread.ended = true;
  if (!is_edge(id)) moves_.leave(unit_of(id), thread.half);
}

void Simulator::switch_thread(std::uint32_t id) {
  ThreadState& thread = threads_[id];
  const std::uint32_t core = unit_of(id);
  const auto other = static_cast<std::uint8_t>(1 - thread.half);
  SectionProblem problem;
  auto section = read_section(halves_[core][other], static_cast<isa::Thread>(kind_of(id)), problem);
  if (!section)
    stop(problem.kind, actor(id), problem.what, {Resource::Type::program_word, Network::instructions, core, other, 0});
  moves_.leave(core, thread.half);
  moves_.enter(core, other);
  // What this thread's instructions have caused for later names them; nothing does so longer than the calendar reaches.
  retired_.push_back({now_, std::move(thread.section)});
  while (retired_.front().first + EventWheel::horizon < now_) retired_.pop_front();
  thread.section = std::move(section);
  thread.half = other;
  thread.index = ~std::uint32_t{0};
  ++thread.segment;
  fetching_.push_back(id);
}

}  // namespace northpole::machine::step
