#include "report/memory_use.h"

#include <algorithm>

#include "report/core_programs.h"
#include "report/events.h"

namespace northpole::report {
namespace {

// More writes than any network has; a damaged program may ask for far more.
constexpr std::uint64_t maximum_writes = std::uint64_t{1} << 28;

// The operand that names a memory word which the operation writes, or -1.
int written_operand(isa::Opcode opcode) {
  switch (opcode) {
    case isa::Opcode::receive:
    case isa::Opcode::vector:
      return isa::operand_d;
    case isa::Opcode::copy:
      return isa::operand_b;
    default:
      return -1;
  }
}

// Marks what the instruction writes. Loops that leave the address alone do not matter.
void mark(isa::Instruction instruction, std::vector<bool>& used, std::uint64_t& writes) {
  const int operand = written_operand(instruction.opcode);
  if (operand < 0) return;
  std::erase_if(instruction.loops,
                [&](const isa::Loop& loop) { return loop.stride[static_cast<std::size_t>(operand)] == 0; });
  const std::uint64_t count = event_count(instruction);
  if (writes > maximum_writes || count > maximum_writes - writes) {
    writes = maximum_writes + 1;
    return;
  }
  writes += count;
  for_each_event(instruction, 0, [&](std::uint64_t, const std::array<std::uint16_t, 4>& operands) {
    const std::uint16_t address = operands[static_cast<std::size_t>(operand)];
    if (address < used.size()) used[address] = true;
  });
}

std::uint64_t bytes(const std::vector<bool>& used) {
  return static_cast<std::uint64_t>(std::count(used.begin(), used.end(), true)) * chip::word_bytes;
}

}  // namespace

MemoryReport memory_use(const program::Program& program, std::string& problem) {
  const std::uint32_t cores = program.chip.cores();
  std::vector<std::vector<bool>> used(cores, std::vector<bool>(program.chip.memory_words()));
  for (const program::ImageSection& section : program.image) {
    const auto first = used[section.core].begin() + section.address;
    std::fill(first, first + static_cast<std::ptrdiff_t>(section.words.size()), true);
  }
  MemoryReport report;
  report.core = std::uint64_t{program.chip.memory_words()} * chip::word_bytes;
  for (const auto& of_core : used) {
    report.image_largest = std::max(report.image_largest, bytes(of_core));
    report.image_mean += static_cast<double>(bytes(of_core)) / cores;
  }

  const ProgramSequence sequence = program_sequence(program);
  problem = sequence.problem;
  std::uint64_t writes = 0;
  for (const auto& segment : sequence.programs) {
    for (std::uint32_t core = 0; core < cores && problem.empty(); ++core) {
      for (const isa::Thread thread : {isa::Thread::vector, isa::Thread::memory, isa::Thread::receive}) {
        for (const isa::Instruction& instruction : section_of(*segment[core].words, thread, problem)) {
          mark(resolved(instruction, segment[core].parameters), used[core], writes);
          if (writes > maximum_writes) problem = "it writes more often than any program should";
        }
      }
    }
  }
  for (std::uint32_t core = 0; core < cores; ++core) {
    const std::uint64_t own = bytes(used[core]);
    report.mean += static_cast<double>(own) / cores;
    if (own <= report.largest) continue;
    report.largest = own;
    report.largest_core = core;
  }
  return report;
}

}  // namespace northpole::report
