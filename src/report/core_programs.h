// The programs that each core runs one after another, put together again from the memory image: who sends which
// instruction words and parameters to whom, and when. For reading only; whether a program is sound is the verifier's
// question.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "program/program.h"

namespace northpole::report {

struct CoreProgram {
  // Words as they lie in the half of the program buffer; equal programs share them. A word that never came is all zero.
  std::shared_ptr<const std::vector<isa::Word>> words;
  std::vector<std::uint32_t> parameters;
};

struct ProgramSequence {
  std::vector<std::vector<CoreProgram>> programs;  // by segment (Program::segments; 0 is the boot program), then core
  // Empty, or why the sequence ends early or misses words: what is wrong with the program.
  std::string problem;
};

ProgramSequence program_sequence(const program::Program& program);

// The section of a thread, decoded, with parameters left as they are. Ends before a word that does not decode, whose
// problem is then given. Empty without a section.
std::vector<isa::Instruction> section_of(const std::vector<isa::Word>& words, isa::Thread thread, std::string& problem);

// The instruction with every parameter's value in its field's place; registers that are not there count as 0.
isa::Instruction resolved(const isa::Instruction& instruction, const std::vector<std::uint32_t>& parameters);

}  // namespace northpole::report
