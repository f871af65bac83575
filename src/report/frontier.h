// Energy, space and time of a program for people and for programs: the three axes on which the chip was published.
#pragma once

#include <string>

#include "report/json_text.h"
#include "report/report.h"

namespace northpole::report {

// Sections of the report's text, each with where its figures come from.
std::string frontier_text(const Report& report);
// Adds the keys "energy", "space" and "time".
void add_frontier(const Report& report, Json& json);

}  // namespace northpole::report
