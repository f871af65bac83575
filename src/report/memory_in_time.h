// How many words of the cores' memories hold something, in time.
#pragma once

#include <cstdint>
#include <vector>

#include "report/run_instructions.h"

namespace northpole::report {

// By core, then sample: words whose content is still needed in that cycle. A word of the memory image always is; any
// other from the cycle in which it is written to its last read. `cycles` rise.
std::vector<std::vector<std::uint32_t>> words_in_use(const RunInstructions& run,
                                                     const std::vector<std::uint64_t>& cycles);

}  // namespace northpole::report
