// From events to joules, watts and frames a joule.
#pragma once

#include <array>
#include <string>
#include <vector>

#include "energy/energy_constants.h"
#include "energy/event_counts.h"

namespace northpole::energy {

// The chip's parts that take energy.
enum class Part : std::uint8_t {
  vmm,
  vector,
  memory,
  weight_buffer,
  partial_sum_buffer,
  registers,  // constants and parameters
  program_buffer,
  frame_buffer,
  activation_network,
  partial_sum_network,
  model_network,
  instruction_network,
  instruction_issue,
  host_link,
  leakage,
  clock,
};
inline constexpr std::size_t part_count = static_cast<std::size_t>(Part::clock) + 1;
struct PartName {
  const char* key;
  const char* text;
};
const PartName& name(Part part);
Part part_of(Event event);

// What everything costs on a chip, calibrated.
struct Prices {
  std::array<double, event_kinds> joules{};  // of an event
  double leakage_watts = 0, clock_watts = 0;
  double calibration = 1;  // the factor in `joules`
  double idle_watts() const { return leakage_watts + clock_watts; }
};
Prices prices_of(const chip::ChipDescription& chip, const Constants& constants = published_constants());

struct LayerEnergy {
  std::string name;          // as LayerCounts::name
  std::uint64_t cycles = 0;  // that it took: from the last issue of the layer before to its own; 0 for others
  std::array<double, part_count> parts{};  // joules of a run; leakage and clock by the cycles
  double joules() const;
};

struct Energy {
  std::uint64_t frames = 1;
  double seconds = 0;                        // of a run
  std::array<double, event_kinds> events{};  // joules of a run
  std::array<double, part_count> parts{};    // likewise
  std::vector<LayerEnergy> layers;           // as EventCounts::layers, then what no layer takes
  double idle_watts = 0;
  double calibration = 1;
  std::vector<std::string> remarks;  // what a reader should know: power above what was published for the chip, ...

  double joules() const;
  double watts() const { return seconds == 0 ? 0 : joules() / seconds; }
  double joules_per_frame() const { return joules() / static_cast<double>(frames); }
  // At a lower rate than that of runs one after another, as where the host link limits it: the chip idles in between.
  double watts_at(double frames_per_second) const {
    return (joules_per_frame() - idle_watts * seconds / static_cast<double>(frames)) * frames_per_second + idle_watts;
  }
  double frames_per_joule() const { return joules() == 0 ? 0 : 1 / joules_per_frame(); }
};

// Runs one after another, at the chip description's clock.
Energy energy_of(const program::Program& program, const EventCounts& counts, const Prices& prices);

}  // namespace northpole::energy
