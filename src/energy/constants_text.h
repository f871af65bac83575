// The energy model's constants as a page and for programs: the tables of docs/energy.md.
#pragma once

#include <string>

namespace northpole::energy {

// Markdown: constants with value, source, scaling, confidence; then what each event costs, calibrated, on the published
// chip.
std::string constants_text();
// docs/command-line.md lists the keys.
std::string constants_json();

}  // namespace northpole::energy
