#include "report/run_instructions.h"

namespace northpole::report {

RunInstructions::RunInstructions(const program::Program& program)
    : program_(program),
      sequence_(program_sequence(program)),
      walk_(program_, sequence_),
      problem_(sequence_.problem) {}

namespace {

// What takes the walk's instructions in, ends of programs left out.
auto appending_to(ThreadInstructions& instructions) {
  return [&instructions](PlacedInstruction& placed) {
    if (!ends_a_program(placed.instruction.opcode)) instructions.push_back(std::move(placed));
  };
}

}  // namespace

CoreInstructions RunInstructions::of_core(std::uint32_t core) const {
  CoreInstructions result;
  std::string problem;
  for (std::uint32_t t = 0; t < isa::thread_count; ++t)
    walk_.thread(core, static_cast<isa::Thread>(t), problem, appending_to(result[t]));
  return result;
}

EdgeInstructions RunInstructions::of_edge(std::uint32_t row) const {
  EdgeInstructions result;
  std::string problem;
  walk_.edge(program_.edges[row].send, problem, appending_to(result.send));
  walk_.edge(program_.edges[row].receive, problem, appending_to(result.receive));
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
