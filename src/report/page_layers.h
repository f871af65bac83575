// The layers of a program as a page's tables and charts want them.
#pragma once

#include "report/instruction_layers.h"
#include "report/json_text.h"
#include "report/report.h"
#include "report/timeline.h"

namespace northpole::report {

// In the order of InstructionLayers::names().
Json page_layers(const Report& report, const RunInstructions& run, const InstructionLayers& layers,
                 const Timeline& timeline);

}  // namespace northpole::report
