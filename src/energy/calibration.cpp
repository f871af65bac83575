#include "energy/calibration.h"

#include "energy/space.h"

namespace northpole::energy {

double calibration_factor(const Constants& constants) {
  const chip::ChipDescription chip;
  const Space space = space_of(chip);
  const double square_metres = space.square_millimetres * 1e-6;
  const auto joules = event_joules(chip, constants, space.core_pitch_millimetres * 1e-3);
  const CalibrationRun& run = calibration_run();
  double calibrated = 0, others = 0;  // joules of a frame
  for (std::size_t i = 0; i < event_kinds; ++i) {
    const auto event = static_cast<Event>(i);
    const double energy = static_cast<double>(run.counts[i]) * joules[i] / static_cast<double>(run.frames);
    (event == Event::host_input || event == Event::host_output ? others : calibrated) += energy;
  }
  const double idle_watts = constants[Constant::leakage] * square_metres +
                            constants[Constant::clock] * square_metres * chip.clock_megahertz * 1e6;
  others += idle_watts / calibration_frames_per_second;
  return (calibration_watts / calibration_frames_per_second - others) / calibrated;
}

}  // namespace northpole::energy
