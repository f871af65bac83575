// Instructions as a person reads them: a line for each loop, outermost first, then the operation with its operands
// by name. `+3` in front means three idle cycles before the first event; `p7` is the value of parameter 7.
//
//   +3 loop 7 every 112: activation +56
//     loop 112 every 1: activation +1, sum +1
//       multiply activation 288 "stem", block 3, sum 0; start the sum always
#pragma once

#include <functional>
#include <string>

#include "isa/instruction.h"

namespace northpole::isa {

// Gives a tensor's name by its tag; an empty function leaves the tags as numbers.
using TensorLookup = std::function<std::string(std::uint16_t tag)>;

// Lines separated by newlines, none at the end.
std::string assembly(const Instruction& instruction, const TensorLookup& tensor = {});
// The same in one line, its parts separated by " | ".
std::string assembly_line(const Instruction& instruction, const TensorLookup& tensor = {});

// The section that starts at words[start], each instruction behind the index of its first word, up to and including
// `end` or `switch_program`; a word that does not decode ends it with a line that says why.
std::string section_assembly(const Word* words, std::size_t count, std::size_t start, const TensorLookup& tensor = {});

}  // namespace northpole::isa
