// The description as a file for people.
#pragma once

#include <string>

#include "chip/chip_description.h"

namespace northpole::chip {

// The object of to_json with a comment on every line: unit, meaning, and whether the published chip's value is
// published, derived or chosen. from_json reads it back.
std::string to_text(const ChipDescription& description);

}  // namespace northpole::chip
