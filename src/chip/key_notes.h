// What each key of a chip description means, and how well its default is known. docs/machine.md has the reasons.
#pragma once

#include <string>
#include <vector>

namespace northpole::chip {

struct KeyNote {
  std::string key;
  std::string meaning;  // with its unit
  std::string
      status;  // of the default: "published", "derived" (arithmetic on published figures), "chosen" by this project
  std::string source;  // of the default
};

// Every key once.
const std::vector<KeyNote>& key_notes();

}  // namespace northpole::chip
