// What this compiler needs of a chip description, beyond what every description keeps to.
#pragma once

#include <cstddef>
#include <cstdint>

#include "chip/chip_description.h"

namespace northpole::schedule {

// Words of a program that the loading of the next one may take.
inline constexpr std::size_t loading_words = 44;
// Words of a program that stay free for padding and the closing of sections while streams are placed.
inline constexpr std::size_t closing_words = 40;
// Words of a program that a stream may take at the least, so that one always finds room: its sending and receiving,
// each with up to three loops.
inline constexpr std::size_t stream_words = 8;

// Throws Error in one line naming the key, its value and what is needed.
void check_requirements(const chip::ChipDescription& chip);

}  // namespace northpole::schedule
