#include "report/run_instructions.h"

#include <fmt/format.h>

#include <algorithm>

#include "report/events.h"

namespace northpole::report {
namespace {

bool is_movement_between_programs(isa::Opcode opcode) {
  return opcode == isa::Opcode::end || opcode == isa::Opcode::switch_program;
}

// Puts instructions of one thread behind each other in time.
class ThreadClock {
 public:
  ThreadClock(std::uint64_t cycles, ThreadInstructions& instructions) : cycles_(cycles), instructions_(instructions) {}

  // False when the run is over before the instruction is.
  bool add(isa::Instruction instruction, std::uint32_t segment) {
    PlacedInstruction placed;
    placed.start = free_ + instruction.delay;
    placed.last = placed.start;
    for (const isa::Loop& loop : instruction.loops) {
      if (loop.count == 0) return false;
      placed.last += (std::uint64_t{loop.count} - 1) * loop.interval;
    }
    placed.events = event_count(instruction);
    // Events come in strictly rising cycles; a damaged program may claim others.
    if (placed.last >= cycles_ || placed.events > placed.last - placed.start + 1) return false;
    free_ = placed.last + 1;
    if (is_movement_between_programs(instruction.opcode)) return true;
    placed.segment = segment;
    placed.instruction = std::move(instruction);
    instructions_.push_back(std::move(placed));
    return true;
  }

 private:
  std::uint64_t cycles_, free_ = 0;
  ThreadInstructions& instructions_;
};

void add_stream(const std::vector<isa::Word>& words, std::uint64_t cycles, ThreadInstructions& instructions) {
  ThreadClock clock(cycles, instructions);
  std::string problem;
  for (std::size_t index = 0; index < words.size();) {
    auto instruction = isa::decode(words.data(), words.size(), index, problem);
    if (!instruction || instruction->opcode == isa::Opcode::end || !clock.add(std::move(*instruction), 0)) return;
  }
}

}  // namespace

RunInstructions::RunInstructions(const program::Program& program)
    : program_(program), sequence_(program_sequence(program)), problem_(sequence_.problem) {}

CoreInstructions RunInstructions::of_core(std::uint32_t core) const {
  CoreInstructions result;
  for (std::uint32_t t = 0; t < isa::thread_count; ++t) {
    ThreadClock clock(program_.cycles, result[t]);
    std::string malformed;
    bool goes_on = true;
    for (std::size_t segment = 0; segment < sequence_.programs.size() && goes_on; ++segment) {
      const CoreProgram& own = sequence_.programs[segment][core];
      goes_on = false;
      for (const isa::Instruction& coded : section_of(*own.words, static_cast<isa::Thread>(t), malformed)) {
        goes_on = coded.opcode == isa::Opcode::switch_program;
        if (!clock.add(resolved(coded, own.parameters), static_cast<std::uint32_t>(segment))) {
          goes_on = false;
          break;
        }
      }
    }
  }
  return result;
}

EdgeInstructions RunInstructions::of_edge(std::uint32_t row) const {
  EdgeInstructions result;
  add_stream(program_.edges[row].send, program_.cycles, result.send);
  add_stream(program_.edges[row].receive, program_.cycles, result.receive);
  return result;
}

BusyCycles busy_cycles(const RunInstructions& run) {
  BusyCycles busy;
  const auto events = [](const ThreadInstructions& instructions) {
    std::uint64_t sum = 0;
    for (const PlacedInstruction& placed : instructions) sum += placed.events;
    return sum;
  };
  for (std::uint32_t core = 0; core < run.program().chip.cores(); ++core) {
    const CoreInstructions instructions = run.of_core(core);
    for (std::size_t t = 0; t < isa::thread_count; ++t) busy.threads[t] += events(instructions[t]);
  }
  for (std::uint32_t row = 0; row < run.program().chip.rows; ++row) {
    const EdgeInstructions instructions = run.of_edge(row);
    busy.edge_send += events(instructions.send);
    busy.edge_receive += events(instructions.receive);
  }
  return busy;
}

}  // namespace northpole::report
