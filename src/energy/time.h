// Where the time of a run goes, from the host and back.
#pragma once

#include <cstdint>

#include "program/program.h"

namespace northpole::energy {

// PCIe Gen3 x8, each way (chosen; docs/machine.md).
inline constexpr double host_link_bytes_per_second = 7.9e9;

struct Time {
  // Latency of a run, in seconds. Input: from the first word that the frame buffer sends to the first operation of a
  // layer. Compute: to the last operation. Output: to the last word that the frame buffer takes.
  double host_input = 0, input = 0, compute = 0, output = 0, host_output = 0;
  std::uint64_t input_cycles = 0, compute_cycles = 0, output_cycles = 0;
  double latency() const { return host_input + input + compute + output + host_output; }

  std::uint64_t input_bytes = 0, output_bytes = 0;  // of a frame, on the host link: its tensors, packed
  double chip_frames_per_second = 0;                // runs one after another
  double host_frames_per_second = 0;                // what the host link allows, both ways at once
  double frames_per_second() const {
    return chip_frames_per_second < host_frames_per_second ? chip_frames_per_second : host_frames_per_second;
  }
  bool host_limits() const { return host_frames_per_second < chip_frames_per_second; }
};

Time time_of(const program::Program& program);

}  // namespace northpole::energy
