// Every instruction of a run in time: what each thread of each core and edge unit does in which cycles, with the
// parameters' values in their places. For reading only; whether a program is sound is the verifier's question.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "program/program.h"
#include "report/core_programs.h"
#include "report/instruction_walk.h"

namespace northpole::report {

// `end` and `switch_program` are left out, like events from the run's last cycle on.
using ThreadInstructions = std::vector<PlacedInstruction>;
using CoreInstructions = std::array<ThreadInstructions, isa::thread_count>;
struct EdgeInstructions {
  ThreadInstructions send, receive;
};

class RunInstructions {
 public:
  explicit RunInstructions(const program::Program& program);
  RunInstructions(const RunInstructions&) = delete;
  RunInstructions& operator=(const RunInstructions&) = delete;

  CoreInstructions of_core(std::uint32_t core) const;
  EdgeInstructions of_edge(std::uint32_t row) const;

  // Empty, or why the programs could not be followed further: what is wrong with the program. Where it is wrong, what
  // of_core() gives is cut short.
  const std::string& problem() const { return problem_; }
  const program::Program& program() const { return program_; }

 private:
  const program::Program& program_;
  ProgramSequence sequence_;
  mutable InstructionWalk walk_;  // keeps what it has decoded
  std::string problem_;
};

// Cycles in which a thread of a core has an event, summed over the cores, by thread.
struct BusyCycles {
  std::array<std::uint64_t, isa::thread_count> threads{};
  std::uint64_t edge_send = 0, edge_receive = 0;
};
BusyCycles busy_cycles(const RunInstructions& run);

}  // namespace northpole::report
