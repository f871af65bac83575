// In which order layers give up bits.
#pragma once

#include <cstdint>
#include <map>
#include <vector>

namespace northpole::choose {

// What is known of a unit (sensitivity.h) at each width that it may have.
struct Prices {
  std::map<int, double> change;         // of the answers; what it may not have is missing
  std::map<int, std::uint64_t> cycles;  // of its layers
};

struct Step {
  std::size_t unit = 0;
  int from = 8, to = 4;
  double change = 0;        // that the step adds to the answers' change
  std::int64_t cycles = 0;  // that it saves
  bool operator==(const Step&) const = default;
};

// From every unit at its widest to every unit at its narrowest, the cheapest step first: the one of the least added
// change for each cycle saved. A unit goes down one width at a time, or several at once where that is cheaper. Steps
// that save no cycles are left out.
std::vector<Step> steps_of(const std::vector<Prices>& units);

}  // namespace northpole::choose
