// What tells two chip descriptions apart.
#pragma once

#include <string>

#include "chip/chip_description.h"

namespace northpole::chip {

// "'rows' is 16 in the first and 8 in the second", by the first key that differs; empty for equal descriptions.
std::string difference(const ChipDescription& first, const std::string& first_name, const ChipDescription& second,
                       const std::string& second_name);

}  // namespace northpole::chip
