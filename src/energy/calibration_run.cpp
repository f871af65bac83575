// Made by tests/energy/calibration_long_test.cpp, which says how; not to be edited by hand.
#include "energy/calibration.h"

namespace northpole::energy {

const CalibrationRun& calibration_run() {
  static const CalibrationRun run = [] {
    Counts counts{};
    of(counts, Event::multiply_accumulate_8x8) = 2910846976ull;
    of(counts, Event::multiply_accumulate_4x4) = 63505956864ull;
    of(counts, Event::multiply_accumulate_4x2) = 102760448ull;
    of(counts, Event::accumulator_update) = 1084850176ull;
    of(counts, Event::requantization) = 177872896ull;
    of(counts, Event::vector_operation) = 293830656ull;
    of(counts, Event::output_rounding) = 181084160ull;
    of(counts, Event::partial_sum_addition) = 53633024ull;
    of(counts, Event::memory_read) = 1296951872ull;
    of(counts, Event::memory_write) = 148238336ull;
    of(counts, Event::weight_buffer_read) = 955777024ull;
    of(counts, Event::weight_buffer_write) = 859308032ull;
    of(counts, Event::partial_sum_buffer_read) = 4399136768ull;
    of(counts, Event::partial_sum_buffer_write) = 4399136768ull;
    of(counts, Event::constant_register_read) = 1422983168ull;
    of(counts, Event::constant_register_write) = 29281280ull;
    of(counts, Event::program_buffer_read) = 55499232ull;
    of(counts, Event::program_buffer_write) = 55505888ull;
    of(counts, Event::parameter_register_write) = 355840ull;
    of(counts, Event::frame_buffer_read) = 6422528ull;
    of(counts, Event::frame_buffer_write) = 16384ull;
    of(counts, Event::activation_network) = 137825280ull;
    of(counts, Event::partial_sum_network) = 214532096ull;
    of(counts, Event::model_network) = 876130304ull;
    of(counts, Event::instruction_network) = 44143680ull;
    of(counts, Event::instruction_issue) = 56007361ull;
    of(counts, Event::host_input) = 2408448ull;
    of(counts, Event::host_output) = 16000ull;
    return CalibrationRun{16, counts};
  }();
  return run;
}

}  // namespace northpole::energy
