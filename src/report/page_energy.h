// Energy, space and time of a program as a page shows them.
#pragma once

#include <string>
#include <vector>

#include "program/program.h"
#include "report/json_text.h"

namespace northpole::report {

struct PageEnergy {
  Json energy;      // of the whole run and by layer
  Json map;         // by name, then core: joules of a frame's events there, without leakage and clock
  Json provenance;  // the constants, as report/provenance.h lists them
};

// `names` are those of the layers (InstructionLayers::names()).
PageEnergy page_energy(const program::Program& program, const std::vector<std::string>& names);

}  // namespace northpole::report
