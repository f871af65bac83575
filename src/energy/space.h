// Transistors and area by part of the chip.
#pragma once

#include <vector>

#include "chip/chip_description.h"

namespace northpole::energy {

// Published for the chip as a whole (Modha et al., Science 382:329, 2023).
inline constexpr double published_transistors = 22e9;
inline constexpr double published_square_millimetres = 800;

struct SpacePart {
  const char* key;
  const char* text;
  double transistors = 0;
  double square_millimetres = 0;
  const char* source;      // how it was arrived at
  const char* confidence;  // "high", "medium" or "low"
};

struct Space {
  std::vector<SpacePart> parts;
  double transistors = 0, square_millimetres = 0;
  double core_pitch_millimetres = 0;  // a hop: from a core to its neighbour
  double frames_per_second_per_billion(double frames_per_second) const {
    return transistors == 0 ? 0 : frames_per_second / (transistors / 1e9);
  }
};

// Of the published chip: the published sums. Memories by their bits, units by their gates, the rest of the published
// sum (control, clock, test, host interface) by cores. Of other descriptions: the same rules.
Space space_of(const chip::ChipDescription& chip);

}  // namespace northpole::energy
