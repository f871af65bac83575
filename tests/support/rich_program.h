// One small legal program that uses everything: four cores, both edge units, all threads and networks, a frame in and
// a frame out. Tests change it.
#pragma once

#include "program/program.h"

namespace northpole::tests {

program::Program rich_program();

// Changes bits of a word of core `core`'s boot program, and of the copy in the memory image that the second program
// brings back, so that the change is all that is different.
void change_boot_word(program::Program& program, std::size_t core, std::size_t word, std::size_t byte,
                      std::uint8_t bits);

}  // namespace northpole::tests
