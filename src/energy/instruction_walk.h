// All instructions of a program in the order of each thread, resolved, with the cycles in which they start.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "program/program.h"
#include "report/core_programs.h"
#include "report/events.h"

namespace northpole::energy {

class InstructionWalk {
 public:
  InstructionWalk(const program::Program& program, const report::ProgramSequence& sequence)
      : program_(program), sequence_(sequence) {}

  // Calls visit(instruction, start cycle, events) for the instructions of a core's thread through all its programs,
  // `end` and switches included. Stops, with `problem`, where a program is damaged.
  template <typename Visit>
  void thread(std::uint32_t core, isa::Thread thread, std::string& problem, const Visit& visit) {
    std::uint64_t clock = 0;
    for (const auto& programs : sequence_.programs) {
      const report::CoreProgram& own = programs[core];
      const Section& section = section_of(own, thread);
      if (!section.problem.empty()) problem = section.problem;
      for (const isa::Instruction& coded : section.instructions)
        if (!one(report::resolved(coded, own.parameters), clock, problem, visit)) return;
    }
  }
  // The same for a stream of an edge unit.
  template <typename Visit>
  void edge(const std::vector<isa::Word>& words, std::string& problem, const Visit& visit) {
    std::uint64_t clock = 0;
    for (std::size_t index = 0; index < words.size();) {
      const auto instruction = isa::decode(words.data(), words.size(), index, problem);
      if (!instruction || !one(*instruction, clock, problem, visit)) return;
      if (instruction->opcode == isa::Opcode::end) return;
    }
  }

 private:
  struct Section {
    std::vector<isa::Instruction> instructions;
    std::string problem;
  };
  using Sections = std::array<std::unique_ptr<Section>, isa::thread_count>;

  // Decoded once for all cores that have the same words.
  const Section& section_of(const report::CoreProgram& program, isa::Thread thread) {
    auto& section = decoded_[program.words.get()][static_cast<std::size_t>(thread)];
    if (!section) {
      section = std::make_unique<Section>();
      section->instructions = report::section_of(*program.words, thread, section->problem);
    }
    return *section;
  }

  template <typename Visit>
  bool one(const isa::Instruction& instruction, std::uint64_t& clock, std::string& problem, const Visit& visit) {
    const std::uint64_t start = clock + instruction.delay, events = report::event_count(instruction);
    std::uint64_t last = start;
    for (const isa::Loop& loop : instruction.loops)
      last += loop.count == 0 ? 0 : std::uint64_t{loop.count - 1u} * loop.interval;
    // A thread has one event in a cycle.
    if (events == 0 || last >= program_.cycles || events > program_.cycles) {
      problem = "it has instructions that go on after its last cycle";
      return false;
    }
    visit(instruction, start, events);
    clock = last + 1;
    return true;
  }

  const program::Program& program_;
  const report::ProgramSequence& sequence_;
  std::map<const std::vector<isa::Word>*, Sections> decoded_;
};

}  // namespace northpole::energy
