#include "verify/walk.h"

#include <fmt/format.h>

#include <algorithm>

namespace northpole::verify {
namespace {

using isa::Thread::memory;
using isa::Thread::partial_sums;
using isa::Thread::programs;
using isa::Thread::receive;
using isa::Thread::send;
using isa::Thread::vector;
using isa::Thread::vmm;
using isa::Thread::weights;

constexpr std::size_t number(isa::Thread thread) { return static_cast<std::size_t>(thread); }

}  // namespace

Walk::Walk(const program::Program& program, const Options& options, Reporter& reporter, Counts& counts)
    : program_(program),
      options_(options),
      reporter_(reporter),
      counts_(counts),
      chip_(program.chip),
      memories_(program, reporter, counts),
      later_(std::max(1u, chip_.vector_latency)),
      sums_(chip_, reporter, counts),
      weights_(chip_, reporter, counts),
      vectors_(chip_, memories_, sums_, later_, reporter, counts),
      programs_(program, reporter, counts),
      activation_network_({"activation", chip_.columns, chip_.rows, 1, true, false, receive, chip_.word_link_cycles},
                          reporter, counts),
      model_network_({"model", chip_.columns, chip_.rows, chip_.model_lanes, false, false, weights}, reporter, counts),
      instruction_network_({"instruction", chip_.columns, chip_.rows, 1, false, true, programs, chip_.word_link_cycles},
                           reporter, counts) {
  make_threads();
}

void Walk::make_threads() {
  for (std::size_t kind = 0; kind < kind_count; ++kind) {
    const bool edge = kind >= isa::thread_count;
    const std::uint32_t places = edge ? chip_.rows : chip_.cores();
    const isa::Thread name = kind == edge_send ? send : kind == edge_receive ? receive : static_cast<isa::Thread>(kind);
    kinds_[kind].threads.resize(places);
    kinds_[kind].next.assign(places, never);
    for (std::uint32_t place = 0; place < places; ++place) {
      kinds_[kind].threads[place].actor = {place, name, edge, no_instruction};
      Problem problem{};
      std::shared_ptr<const Section> section;
      if (edge) {
        const program::Edge& unit = program_.edges[place];
        section = programs_.edge_section(name == send ? unit.send : unit.receive, name, problem);
      } else {
        section = programs_.section(place, 0, name, problem);
      }
      start(kind, place, std::move(section), problem);
    }
  }
}

void Walk::start(std::size_t kind, std::uint32_t place, std::shared_ptr<const Section> section,
                 const Problem& problem) {
  Thread& thread = kinds_[kind].threads[place];
  if (!section) {
    reporter_.report(problem.kind, 0, thread.actor, problem.resource, problem.message);
    return;
  }
  thread.section = std::move(section);
  ++counts_.programs;
  fetch(kinds_[kind], place, 0);
}

void Walk::fetch(Kind& kind, std::uint32_t place, std::uint64_t earliest) {
  Thread& thread = kind.threads[place];
  const std::uint32_t index = thread.next_instruction;
  const std::uint32_t delay = resolve(thread, programs_, chip_);
  thread.actor.instruction = reporter_.log().add(thread.actor, thread.section, index, thread.segment);
  ++counts_.instructions;
  kind.next[place] = earliest + delay;
  kind.soonest = std::min(kind.soonest, kind.next[place]);
}

void Walk::run() {
  const std::uint64_t step = std::max<std::uint64_t>(1, program_.cycles / 100);
  std::uint64_t reported = 0;
  if (options_.sound_until && !reporter_.faulted()) options_.sound_until(0);
  for (std::uint64_t cycle = next_cycle(never); cycle < program_.cycles; cycle = next_cycle(cycle)) {
    if (reporter_.faulted() && reporter_.fault()->cycle < cycle) return;
    run_cycle(cycle);
    if (reporter_.faulted() && reporter_.fault()->cycle <= cycle) return;
    // A fault of a later cycle that is known already: only the cycles before it are sound, which `cycle` is one of.
    if (options_.sound_until) options_.sound_until(cycle + 1);
    if (options_.progress && cycle - reported >= step) options_.progress(reported = cycle, program_.cycles);
  }
  if (!reporter_.faulted() || reporter_.fault()->cycle >= program_.cycles) check_end();
  if (options_.progress && !reporter_.faulted()) options_.progress(program_.cycles, program_.cycles);
}

// The next cycle in which something happens; `never` asks for the first one.
std::uint64_t Walk::next_cycle(std::uint64_t cycle) const {
  if (cycle != never && anything_in_flight()) return cycle + 1;
  std::uint64_t soonest = never;
  for (const Kind& kind : kinds_) soonest = std::min(soonest, kind.soonest);
  return cycle == never ? soonest : std::max(soonest, cycle + 1);
}

bool Walk::anything_in_flight() const {
  return (later_.in_flight() | sums_.in_flight() | weights_.in_flight() | activation_network_.in_flight() |
          model_network_.in_flight() | instruction_network_.in_flight()) != 0;
}

void Walk::run_cycle(std::uint64_t cycle) {
  later_.run(cycle, memories_);
  run_kind<&Walk::vector_event>(cycle, number(vector));
  run_kind<&Walk::partial_sums_event>(cycle, number(partial_sums));
  run_kind<&Walk::vmm_event>(cycle, number(vmm));
  run_kind<&Walk::memory_event>(cycle, number(memory));
  run_kind<&Walk::send_event>(cycle, number(send));
  run_kind<&Walk::edge_send_event>(cycle, edge_send);
  run_kind<&Walk::receive_event>(cycle, number(receive));
  run_kind<&Walk::edge_receive_event>(cycle, edge_receive);
  run_kind<&Walk::weights_event>(cycle, number(weights));
  weights_.take_all(cycle, model_network_);
  run_kind<&Walk::programs_event>(cycle, number(programs));
  sums_.finish_cycle(cycle);
  activation_network_.finish_cycle(cycle);
  model_network_.finish_cycle(cycle);
  instruction_network_.finish_cycle(cycle);
  make_moves(cycle);
}

template <Walk::Event event>
void Walk::run_kind(std::uint64_t cycle, std::size_t kind_index) {
  Kind& kind = kinds_[kind_index];
  if (kind.soonest > cycle) return;
  std::uint64_t soonest = never;
  const auto places = static_cast<std::uint32_t>(kind.next.size());
  for (std::uint32_t place = 0; place < places; ++place) {
    std::uint64_t& next = kind.next[place];
    if (next == cycle) {
      Thread& thread = kind.threads[place];
      if (thread.broken) {
        reporter_.report(thread.problem.kind, cycle, thread.actor, thread.problem.resource, thread.problem.message);
        next = never;
      } else if (thread.opcode == isa::Opcode::end || thread.opcode == isa::Opcode::switch_program) {
        ++counts_.events;
        next = never;
        leave_section(cycle, kind_index, thread);
      } else {
        ++counts_.events;
        (this->*event)(cycle, thread);
        if (!thread.advance(next)) fetch(kind, place, cycle + 1);
      }
    }
    soonest = std::min(soonest, next);
  }
  kind.soonest = soonest;
}

void Walk::leave_section(std::uint64_t cycle, std::size_t kind, Thread& thread) {
  Move move{kind, thread.actor.place, nullptr};
  if (thread.opcode == isa::Opcode::switch_program) {
    Problem problem{};
    move.section = programs_.section(thread.actor.place, thread.half ^ 1u, thread.actor.thread, problem);
    if (!move.section) {
      reporter_.report(problem.kind, cycle, thread.actor, problem.resource, problem.message);
      return;
    }
    ++counts_.programs;
  }
  moves_.push_back(std::move(move));
}

void Walk::make_moves(std::uint64_t cycle) {
  if (moves_.empty()) return;
  for (const Move& move : moves_) {
    Thread& thread = kinds_[move.kind].threads[move.place];
    if (thread.actor.edge) {
      thread.ended = true;
      continue;
    }
    programs_.leave(move.place, thread.half);
    if (move.section) programs_.enter(move.place, thread.half ^ 1u);
  }
  for (Move& move : moves_) {
    Thread& thread = kinds_[move.kind].threads[move.place];
    if (thread.actor.edge) continue;
    programs_.empty_if_left(move.place, thread.half);
    if (!move.section) {
      thread.ended = true;
      continue;
    }
    thread.half ^= 1u;
    thread.section = std::move(move.section);
    thread.next_instruction = 0;
    ++thread.segment;
    fetch(kinds_[move.kind], move.place, cycle + 1);
  }
  moves_.clear();
}

void Walk::check_end() {
  const std::uint64_t end = program_.cycles;
  reporter_.forget();  // whatever was to happen after the end
  for (const Kind& kind : kinds_) {
    for (const Thread& thread : kind.threads) {
      if (!thread.ended) {
        reporter_.report(FaultKind::no_end, end, thread.actor, "",
                         fmt::format("the thread has not ended when the run of {} cycles is over", end));
      }
    }
  }
  if (reporter_.faulted()) return;
  later_.report_left_behind(end, reporter_);
  sums_.report_left_behind(end);
  weights_.report_left_behind(end);
  activation_network_.report_in_flight(end);
  model_network_.report_in_flight(end);
  instruction_network_.report_in_flight(end);
  programs_.report_left_behind(end);
  if (!reporter_.faulted()) memories_.check_outputs(end);
}

}  // namespace northpole::verify
