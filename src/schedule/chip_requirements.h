// What this compiler needs of a chip description, beyond what every description keeps to.
#pragma once

#include <cstddef>
#include <cstdint>

#include "chip/chip_description.h"

namespace northpole::schedule {

// Throws Error in one line naming the key, its value and what is needed.
void check_requirements(const chip::ChipDescription& chip);

}  // namespace northpole::schedule
