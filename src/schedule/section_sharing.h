// Sections of the program buffer: a thread's instructions in one program, and one section for several cores, whose
// differences become parameters.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "schedule/timed_instruction.h"

namespace northpole::schedule {

using Section = std::vector<isa::Instruction>;

// Instructions with their delays, closed by `last` in cycle `until`. The thread's first possible cycle is `from`.
Section section_of(const std::vector<TimedInstruction>& instructions, std::uint64_t from, isa::Opcode last,
                   std::uint64_t until);

std::size_t words_of(const Section& section);
void append_words(const Section& section, std::vector<isa::Word>& words);

struct SharedSection {
  Section section;                                  // names parameters `first_parameter` and the following
  std::vector<std::vector<std::uint32_t>> columns;  // by parameter: a value for each core
};
// One section for all; nothing when they differ in what no parameter can replace, or in more than `limit` parameters.
std::optional<SharedSection> shared(const std::vector<const Section*>& sections, std::size_t first_parameter,
                                    std::size_t limit);

}  // namespace northpole::schedule
