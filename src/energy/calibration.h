// The one point on which the energy model is calibrated: ResNet-50, first and last layer 8 bit, the others 4, at 74 W
// and 42,460 frames a second (Modha et al., Science 382:329, 2023). What the published energies of single operations
// leave out (registers, selection, control, activity other than average) goes into one factor on all of them.
#pragma once

#include "energy/energy_constants.h"

namespace northpole::energy {

inline constexpr double calibration_watts = 74;
inline constexpr double calibration_frames_per_second = 42460;
// Printed wherever a watt is.
inline constexpr const char* calibrated_on =
    "calibrated on ResNet-50 at 4/8 bit: 74 W at 42,460 frames/s (Science 382:329)";

// Events of a run of that network as this compiler makes it, for the published chip: what
// `northpole report --json` gives for the program that `northpole compile --batch 16` makes of
// `northpole generate resnet50 --bits mixed`. tests/energy/calibration_long_test.cpp makes it again.
struct CalibrationRun {
  std::uint64_t frames;
  Counts counts;
};
const CalibrationRun& calibration_run();

// The factor on all calibrated constants with which that run takes 74 W at 42,460 frames a second.
double calibration_factor(const Constants& constants);

}  // namespace northpole::energy
