#include "machine/step/section.h"

#include <fmt/format.h>

#include <algorithm>

namespace northpole::machine::step {
namespace {

bool ends_section(const isa::Instruction& instruction) {
  return instruction.opcode == isa::Opcode::end || instruction.opcode == isa::Opcode::switch_program;
}

// Decodes instructions from words[index] on up to the section's end.
std::shared_ptr<const Section> decode_section(const isa::Word* words, std::size_t count, std::size_t index,
                                              isa::Thread thread, SectionProblem& problem) {
  auto section = std::make_shared<Section>();
  while (index < count) {
    const std::size_t at = index;
    std::string reason;
    auto instruction = isa::decode(words, count, index, reason);
    if (!instruction) {
      problem = {FaultKind::malformed, fmt::format("program word {}: {}", at, reason)};
      return nullptr;
    }
    const auto owner = isa::thread_of(instruction->opcode);
    if (owner && *owner != thread) {
      problem = {FaultKind::malformed, fmt::format("program word {}: {} is not an operation of this thread", at,
                                                   isa::name(instruction->opcode))};
      return nullptr;
    }
    section->push_back(std::move(*instruction));
    if (ends_section(section->back())) return section;
  }
  problem = {FaultKind::no_end, fmt::format("program word {}: the section runs out", index)};
  return nullptr;
}

}  // namespace

std::shared_ptr<const Section> read_section(const ProgramHalf& half, isa::Thread thread, SectionProblem& problem) {
  if (!half.word_there[0]) {
    problem = {FaultKind::unwritten, "program word 0, the directory"};
    return nullptr;
  }
  const std::size_t start = isa::decode_directory(half.words[0])[static_cast<std::size_t>(thread)];
  if (start == 0) {
    problem = {FaultKind::unwritten, "the directory has no section for the thread"};
    return nullptr;
  }
  if (start >= half.words.size()) {
    problem = {FaultKind::address, fmt::format("the thread's section starts at program word {}", start)};
    return nullptr;
  }
  const auto missing =
      std::find(half.word_there.begin() + static_cast<std::ptrdiff_t>(start), half.word_there.end(), std::uint8_t{0});
  const auto count = static_cast<std::size_t>(missing - half.word_there.begin());
  auto section = decode_section(half.words.data(), count, start, thread, problem);
  if (!section && problem.kind == FaultKind::no_end && count < half.words.size()) {
    problem = {FaultKind::unwritten, fmt::format("program word {}", count)};
  }
  return section;
}

std::shared_ptr<const Section> read_edge_section(const std::vector<isa::Word>& words, isa::Thread thread,
                                                 SectionProblem& problem) {
  auto section = decode_section(words.data(), words.size(), 0, thread, problem);
  if (!section) return nullptr;
  for (const isa::Instruction& instruction : *section) {
    const bool parameters = std::any_of(instruction.loops.begin(), instruction.loops.end(),
                                        [](const isa::Loop& loop) { return loop.parameter_mask != 0; });
    if (instruction.opcode == isa::Opcode::switch_program || instruction.flags != 0 ||
        instruction.parameter_mask != 0 || parameters) {
      problem = {FaultKind::malformed, fmt::format("{} with flags or parameters, or not an operation of an edge unit",
                                                   isa::name(instruction.opcode))};
      return nullptr;
    }
  }
  return section;
}

}  // namespace northpole::machine::step
