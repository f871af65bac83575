// Which words of the cores' memories a program uses.
#pragma once

#include "program/program.h"
#include "report/report.h"

namespace northpole::report {

// Follows the programs of all cores and marks the words of the image and all that are written. `problem` says why the
// writing could not be followed; then only the image counts.
MemoryReport memory_use(const program::Program& program, std::string& problem);

}  // namespace northpole::report
