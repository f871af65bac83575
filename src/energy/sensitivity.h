// What changes in a program's figures when a constant is off by a factor of two. The calibration is made again each
// time, so that ResNet-50 at 4/8 bit stays at its published power: what is left is what the calibration cannot take up.
#pragma once

#include <vector>

#include "energy/energy.h"

namespace northpole::energy {

struct Sensitivity {
  Constant constant;
  double share = 0;  // of the run's joules that scale with it
  // Watts with half and with twice the constant; NaN where no factor above 0 calibrates.
  double half_watts = 0, double_watts = 0;
  double half_language_joules = 0, double_language_joules = 0;  // a token, of the shape that fits (language_model.h)
};
std::vector<Sensitivity> sensitivity_of(const program::Program& program, const EventCounts& counts);
// At most 100 columns wide.
std::string to_text(const std::vector<Sensitivity>& sensitivity, const Energy& energy);
std::string to_json(const std::vector<Sensitivity>& sensitivity);

}  // namespace northpole::energy
