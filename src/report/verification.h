// What the verifier found, for people and for programs.
#pragma once

#include <string>

#include "verify/verify.h"

namespace northpole::report {

// What was checked and how much of it, or the first fault; several lines, each ending in a newline.
std::string to_text(const verify::Result& result);
// {"ok":..,"events":..,"fault":null or {..},"counts":{..}}; docs/command-line.md lists the keys.
std::string to_json(const verify::Result& result);

}  // namespace northpole::report
