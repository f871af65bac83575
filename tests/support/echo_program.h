// A program made by hand that takes four frames at a time and gives them back as they are.
#pragma once

#include "program/program.h"

namespace northpole::tests {

// Two rows of cores. A frame is a grey picture of 4 x 4 codes of 4 bit, the whole of it in one word of 64 lanes (the
// rest is padding); the output has them as 16 scores. Frames 0 and 2 lie behind row 0, frames 1 and 3 behind row 1.
program::Program echo_program();

}  // namespace northpole::tests
