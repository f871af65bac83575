#include "schedule/chip_requirements.h"

#include <fmt/format.h>

#include "network/error.h"

namespace northpole::schedule {

namespace {

void demand(bool holds, const char* key, std::uint32_t value, const std::string& needed) {
  if (!holds) throw Error(fmt::format("the chip description's '{}' is {}; this compiler needs {}", key, value, needed));
}

// A ring of `size` is addressed by 16 bits that count on for half a ring before they are brought back into it.
bool wraps_soundly(std::uint64_t size) { return 65536 % size == 0 || size * 3 / 2 <= 65536; }

}  // namespace

void check_requirements(const chip::ChipDescription& chip) {
  demand(chip.banks >= 4, "banks", chip.banks, "at least 4, to keep its threads apart");
  constexpr std::uint32_t program_words = 92;  // less than that is hardly more than the loading of the next program
  demand(chip.program_words >= program_words, "program_words", chip.program_words,
         fmt::format("at least {}", program_words));
  demand(chip.constant_words >= 10, "constant_words", chip.constant_words,
         "at least 10, for a function and one block's bias and scale");
  demand(wraps_soundly(std::uint64_t{chip.weight_blocks} * chip::block_words), "weight_blocks", chip.weight_blocks,
         "a power of two, or at most 1365");
  demand(65536 % chip.partial_sums == 0 || chip.partial_sums <= 32768, "partial_sums", chip.partial_sums,
         "a power of two, or at most 32768");
}

}  // namespace northpole::schedule
