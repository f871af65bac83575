// All instructions of a program in the order of each thread, resolved, with the cycles in which they start and end.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "program/program.h"
#include "report/core_programs.h"
#include "report/events.h"

namespace northpole::report {

struct PlacedInstruction {
  isa::Instruction instruction;       // resolved
  std::uint64_t start = 0, last = 0;  // cycles of its first and its last event
  std::uint64_t events = 0;           // one a cycle: in so many cycles its thread is busy
  std::uint32_t segment = 0;          // Program::segments; 0 for edge units
};

// `end` and the switches from program to program: every thread has them, whatever it does.
inline bool ends_a_program(isa::Opcode opcode) {
  return opcode == isa::Opcode::end || opcode == isa::Opcode::switch_program;
}

class InstructionWalk {
 public:
  // Both stay where they are as long as the walk is used.
  InstructionWalk(const program::Program& program, const ProgramSequence& sequence)
      : program_(program), sequence_(sequence) {}

  // Calls visit(PlacedInstruction&), which may take it away, for the instructions of a core's thread through all its
  // programs, `end` and switches included. Stops where a program is damaged, and says so in `problem`.
  template <typename Visit>
  void thread(std::uint32_t core, isa::Thread thread, std::string& problem, const Visit& visit) {
    std::uint64_t free = 0;
    for (std::size_t segment = 0; segment < sequence_.programs.size(); ++segment) {
      const CoreProgram& own = sequence_.programs[segment][core];
      const Section& section = section_of_program(own, thread);
      if (!section.problem.empty()) problem = section.problem;
      isa::Opcode behind = isa::Opcode::end;
      for (const isa::Instruction& coded : section.instructions) {
        behind = coded.opcode;
        if (!one(resolved(coded, own.parameters), static_cast<std::uint32_t>(segment), free, problem, visit)) return;
      }
      if (behind != isa::Opcode::switch_program) return;
    }
  }
  // The same for a stream of an edge unit.
  template <typename Visit>
  void edge(const std::vector<isa::Word>& words, std::string& problem, const Visit& visit) const {
    std::uint64_t free = 0;
    for (std::size_t index = 0; index < words.size();) {
      auto instruction = isa::decode(words.data(), words.size(), index, problem);
      if (!instruction) return;
      const bool is_end = instruction->opcode == isa::Opcode::end;
      if (!one(std::move(*instruction), 0, free, problem, visit) || is_end) return;
    }
  }

 private:
  struct Section {
    std::vector<isa::Instruction> instructions;
    std::string problem;
  };
  using Sections = std::array<std::unique_ptr<Section>, isa::thread_count>;

  // Decoded once for all cores that have the same words.
  const Section& section_of_program(const CoreProgram& program, isa::Thread thread) {
    auto& section = decoded_[program.words.get()][static_cast<std::size_t>(thread)];
    if (!section) {
      section = std::make_unique<Section>();
      section->instructions = section_of(*program.words, thread, section->problem);
    }
    return *section;
  }

  // free: the first cycle in which the thread has nothing to do yet.
  template <typename Visit>
  bool one(isa::Instruction instruction, std::uint32_t segment, std::uint64_t& free, std::string& problem,
           const Visit& visit) const {
    PlacedInstruction placed;
    placed.start = placed.last = free + instruction.delay;
    placed.events = event_count(instruction);
    for (const isa::Loop& loop : instruction.loops)
      placed.last += loop.count == 0 ? 0 : std::uint64_t{loop.count - 1u} * loop.interval;
    // Events come in strictly rising cycles, one in a cycle.
    if (placed.events == 0 || placed.last >= program_.cycles || placed.events > placed.last - placed.start + 1) {
      problem = "it has instructions that go on after its last cycle";
      return false;
    }
    free = placed.last + 1;
    placed.segment = segment;
    placed.instruction = std::move(instruction);
    visit(placed);
    return true;
  }

  const program::Program& program_;
  const ProgramSequence& sequence_;
  std::map<const std::vector<isa::Word>*, Sections> decoded_;
};

}  // namespace northpole::report
