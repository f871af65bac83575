// Made by tests/energy/calibration_long_test.cpp, which says how; not to be edited by hand.
#include "energy/calibration.h"

namespace northpole::energy {

const CalibrationRun& calibration_run() {
  static const CalibrationRun run = [] {
    Counts counts{};
    of(counts, Event::multiply_accumulate_8x8) = 3321888768ull;
    of(counts, Event::multiply_accumulate_4x4) = 63505956864ull;
    of(counts, Event::multiply_accumulate_4x2) = 102760448ull;
    of(counts, Event::accumulator_update) = 1097695232ull;
    of(counts, Event::requantization) = 177872896ull;
    of(counts, Event::vector_operation) = 293830656ull;
    of(counts, Event::output_rounding) = 181084160ull;
    of(counts, Event::partial_sum_addition) = 56844288ull;
    of(counts, Event::memory_read) = 1284655040ull;
    of(counts, Event::memory_write) = 142798848ull;
    of(counts, Event::weight_buffer_read) = 755499008ull;
    of(counts, Event::weight_buffer_write) = 646447104ull;
    of(counts, Event::partial_sum_buffer_read) = 4469784576ull;
    of(counts, Event::partial_sum_buffer_write) = 4469784576ull;
    of(counts, Event::constant_register_read) = 1422983168ull;
    of(counts, Event::constant_register_write) = 19462144ull;
    of(counts, Event::program_buffer_read) = 33169760ull;
    of(counts, Event::program_buffer_write) = 33154912ull;
    of(counts, Event::parameter_register_write) = 169984ull;
    of(counts, Event::frame_buffer_read) = 3356160ull;
    of(counts, Event::frame_buffer_write) = 16384ull;
    of(counts, Event::activation_network) = 104090624ull;
    of(counts, Event::partial_sum_network) = 227377152ull;
    of(counts, Event::model_network) = 675618816ull;
    of(counts, Event::instruction_network) = 24984480ull;
    of(counts, Event::instruction_issue) = 53210233ull;
    of(counts, Event::host_input) = 2408448ull;
    of(counts, Event::host_output) = 16000ull;
    return CalibrationRun{16, counts};
  }();
  return run;
}

}  // namespace northpole::energy
