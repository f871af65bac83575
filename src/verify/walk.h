// The walk through a run: all threads of all cores and edge units, cycle by cycle. Each cycle goes through phases that
// make "all reads come before all writes" true: what earlier events left for this cycle, then the threads, kind by kind
// (those that release before those that fill), then what the networks still hold, then moves between programs.
#pragma once

#include <array>
#include <cstdint>
#include <limits>
#include <vector>

#include "program/program.h"
#include "verify/later_accesses.h"
#include "verify/memories.h"
#include "verify/partial_sums.h"
#include "verify/program_buffers.h"
#include "verify/thread.h"
#include "verify/vector_units.h"
#include "verify/verify.h"
#include "verify/weight_buffers.h"
#include "verify/word_network.h"

namespace northpole::verify {

class Walk {
 public:
  // The program has passed check_whole.
  Walk(const program::Program& program, const Options& options, Reporter& reporter, Counts& counts);
  // To the end of the run or to the end of the first faulty cycle.
  void run();

 private:
  static constexpr std::uint64_t never = std::numeric_limits<std::uint64_t>::max();

  // All threads of one sort, by place.
  struct Kind {
    std::vector<Thread> threads;
    std::vector<std::uint64_t> next;  // cycle of the next event
    std::uint64_t soonest = never;    // lowest of `next`, or below
  };
  enum KindIndex : std::size_t { edge_send = isa::thread_count, edge_receive, kind_count };
  struct Move {
    std::size_t kind;
    std::uint32_t place;
    std::shared_ptr<const Section> section;  // none: the thread ended
  };
  using Event = void (Walk::*)(std::uint64_t cycle, const Thread& thread);

  void make_threads();
  void start(std::size_t kind, std::uint32_t place, std::shared_ptr<const Section> section, const Problem& problem);
  void fetch(Kind& kind, std::uint32_t place, std::uint64_t earliest);
  void run_cycle(std::uint64_t cycle);
  template <Event event>
  void run_kind(std::uint64_t cycle, std::size_t kind);
  void leave_section(std::uint64_t cycle, std::size_t kind, Thread& thread);
  void make_moves(std::uint64_t cycle);
  bool anything_in_flight() const;
  std::uint64_t next_cycle(std::uint64_t cycle) const;
  void check_end();

  // One for each thread of a core and of an edge unit: what its operation does in the cycle.
  void vmm_event(std::uint64_t cycle, const Thread& thread);
  void vector_event(std::uint64_t cycle, const Thread& thread);
  void memory_event(std::uint64_t cycle, const Thread& thread);
  void send_event(std::uint64_t cycle, const Thread& thread);
  void receive_event(std::uint64_t cycle, const Thread& thread);
  void partial_sums_event(std::uint64_t cycle, const Thread& thread);
  void weights_event(std::uint64_t cycle, const Thread& thread);
  void programs_event(std::uint64_t cycle, const Thread& thread);
  void edge_send_event(std::uint64_t cycle, const Thread& thread);
  void edge_receive_event(std::uint64_t cycle, const Thread& thread);

  void send_weights(std::uint64_t cycle, const Thread& thread);
  void send_program(std::uint64_t cycle, const Thread& thread);
  void copy(std::uint64_t cycle, const Thread& thread);
  void parameters(std::uint64_t cycle, const Thread& thread);
  bool in_memory(std::uint64_t cycle, const Actor& actor, std::uint32_t address);
  bool in_frame(std::uint64_t cycle, const Actor& actor, std::uint32_t address);
  bool on_route(std::uint64_t cycle, const Thread& thread, const WordNetwork& network);
  void missing(std::uint64_t cycle, const Actor& actor, const char* network);

  const program::Program& program_;
  const Options& options_;
  Reporter& reporter_;
  Counts& counts_;
  const chip::ChipDescription chip_;

  Memories memories_;
  LaterAccesses later_;
  PartialSums sums_;
  WeightBuffers weights_;
  VectorUnits vectors_;
  ProgramBuffers programs_;
  WordNetwork activation_network_, model_network_, instruction_network_;

  std::array<Kind, kind_count> kinds_;
  std::vector<Move> moves_;
};

}  // namespace northpole::verify
