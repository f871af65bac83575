// The description as a file for people.
#pragma once

#include <span>
#include <string>

#include "chip/chip_description.h"

namespace northpole::chip {

// The object of to_json with a comment on every line: unit, meaning, and whether the published chip's value is
// published, derived or chosen. from_json reads it back.
std::string to_text(const ChipDescription& description);

// What a key means, and how well the published chip's value is known; every key once, in the order of to_json.
struct KeyNote {
  const char* key;
  const char* unit;    // may be empty
  const char* status;  // "published", "derived" or "chosen"
  const char* comment;
};
std::span<const KeyNote> key_notes();

}  // namespace northpole::chip
