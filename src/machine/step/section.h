// A thread's section of a program: its instructions, decoded from the words in the program buffer when the thread
// enters.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "isa/instruction.h"
#include "machine/fault.h"
#include "machine/step/program_half.h"

namespace northpole::machine::step {

using Section = std::vector<isa::Instruction>;  // the last one is `end` or `switch_program`

struct SectionProblem {
  FaultKind kind = FaultKind::malformed;
  std::string what;
};

// The thread's section in a half; nothing with `problem` set when it cannot run.
std::shared_ptr<const Section> read_section(const ProgramHalf& half, isa::Thread thread, SectionProblem& problem);

// The section that an edge unit holds for its `send` or `receive` thread.
std::shared_ptr<const Section> read_edge_section(const std::vector<isa::Word>& words, isa::Thread thread,
                                                 SectionProblem& problem);

}  // namespace northpole::machine::step
