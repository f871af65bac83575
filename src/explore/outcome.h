// What one chip does with a network: speed, power, size; as figures and as a line of a results file.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "program/program.h"

namespace northpole::explore {

struct Outcome {
  bool fits = false;
  std::string problem;  // why not
  std::uint64_t cycles = 0, frames = 0;
  double utilisation = 0;
  double frames_per_second = 0;  // runs one after another, or what the host link allows, if that is less
  double latency_seconds = 0;    // first input word to last output word of a run
  double watts = 0, frames_per_joule = 0;
  double square_millimetres = 0, transistors = 0;
  double frames_per_second_per_square_millimetre() const {
    return square_millimetres == 0 ? 0 : frames_per_second / square_millimetres;
  }
};

// Of a program at each of these clocks: a schedule is in cycles and does not depend on the clock.
std::vector<Outcome> outcomes_of(program::Program program, const std::vector<double>& clocks_megahertz);

nlohmann::ordered_json to_json(const Outcome& outcome);
// Throws nlohmann::json::exception for anything else.
Outcome outcome_from(const nlohmann::ordered_json& json);

// Those that fit and that no other one beats in frames/J, frames/s a mm2 and latency at once.
std::vector<bool> frontier(const std::vector<Outcome>& outcomes);

}  // namespace northpole::explore
