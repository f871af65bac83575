// Where the figures of a page come from.
#pragma once

#include "chip/chip_description.h"
#include "report/json_text.h"

namespace northpole::report {

// A list of {"group", "name", "value", "meaning", "status", "source"}: every constant of the machine.
Json provenance(const chip::ChipDescription& chip);

}  // namespace northpole::report
