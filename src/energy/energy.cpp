#include "energy/energy.h"

#include <fmt/format.h>

#include <algorithm>
#include <unordered_map>

#include "energy/calibration.h"
#include "energy/space.h"

namespace northpole::energy {
namespace {

constexpr std::array<PartName, part_count> part_names = {{
    {"vmm", "vector-matrix units"},
    {"vector", "vector units"},
    {"memory", "core memories"},
    {"weight_buffer", "weight buffers"},
    {"partial_sum_buffer", "partial-sum buffers"},
    {"registers", "registers of constants, parameters"},
    {"program_buffer", "program buffers"},
    {"frame_buffer", "frame buffer"},
    {"activation_network", "activation network"},
    {"partial_sum_network", "partial-sum network"},
    {"model_network", "model network"},
    {"instruction_network", "instruction network"},
    {"instruction_issue", "instruction issue"},
    {"host_link", "host link"},
    {"leakage", "leakage"},
    {"clock", "clock"},
}};

// The published power of a chip at work; half as much again is chosen as what its card could still cool.
constexpr double most_watts = 1.5 * calibration_watts;

void add_remarks(Energy& energy) {
  if (energy.watts() > most_watts) {
    energy.remarks.push_back(
        fmt::format("{:.0f} W is more than half as much again as the {:.0f} W published for the chip at work: a card "
                    "cooled for that would have to slow down",
                    energy.watts(), calibration_watts));
  }
}

}  // namespace

const PartName& name(Part part) { return part_names[static_cast<std::size_t>(part)]; }

Part part_of(Event event) {
  switch (event) {
    case Event::requantization:
    case Event::vector_operation:
    case Event::activation_function:
    case Event::output_rounding:
      return Part::vector;
    case Event::memory_read:
    case Event::memory_write:
      return Part::memory;
    case Event::weight_buffer_read:
    case Event::weight_buffer_write:
      return Part::weight_buffer;
    case Event::partial_sum_buffer_read:
    case Event::partial_sum_buffer_write:
      return Part::partial_sum_buffer;
    case Event::constant_register_read:
    case Event::constant_register_write:
    case Event::parameter_register_write:
      return Part::registers;
    case Event::program_buffer_read:
    case Event::program_buffer_write:
      return Part::program_buffer;
    case Event::frame_buffer_read:
    case Event::frame_buffer_write:
      return Part::frame_buffer;
    case Event::activation_network:
      return Part::activation_network;
    case Event::partial_sum_addition:
    case Event::partial_sum_network:
      return Part::partial_sum_network;
    case Event::model_network:
      return Part::model_network;
    case Event::instruction_network:
      return Part::instruction_network;
    case Event::instruction_issue:
      return Part::instruction_issue;
    case Event::host_input:
    case Event::host_output:
      return Part::host_link;
    default:
      return Part::vmm;
  }
}

Prices prices_of(const chip::ChipDescription& chip, const Constants& constants) {
  const Space space = space_of(chip);
  Prices prices;
  prices.calibration = calibration_factor(constants);
  prices.joules = event_joules(chip, constants, space.core_pitch_millimetres * 1e-3);
  for (std::size_t i = 0; i < event_kinds; ++i) {
    const auto event = static_cast<Event>(i);
    if (event != Event::host_input && event != Event::host_output) prices.joules[i] *= prices.calibration;
  }
  const double square_metres = space.square_millimetres * 1e-6;
  prices.leakage_watts = constants[Constant::leakage] * square_metres;
  prices.clock_watts = constants[Constant::clock] * square_metres * chip.clock_megahertz * 1e6;
  return prices;
}

double LayerEnergy::joules() const {
  double sum = 0;
  for (const double part : parts) sum += part;
  return sum;
}

double Energy::joules() const {
  double sum = 0;
  for (const double part : parts) sum += part;
  return sum;
}

Energy energy_of(const program::Program& program, const EventCounts& counts, const Prices& prices) {
  Energy energy;
  energy.frames = counts.frames;
  energy.idle_watts = prices.idle_watts();
  energy.calibration = prices.calibration;
  const double cycle = 1 / (program.chip.clock_megahertz * 1e6);
  energy.seconds = static_cast<double>(counts.cycles) * cycle;
  const auto part = [](auto& parts, Part which) -> double& { return parts[static_cast<std::size_t>(which)]; };
  const auto add_time = [&](auto& parts, std::uint64_t cycles) {
    part(parts, Part::leakage) += static_cast<double>(cycles) * cycle * prices.leakage_watts;
    part(parts, Part::clock) += static_cast<double>(cycles) * cycle * prices.clock_watts;
  };
  const auto add_events = [&](auto& parts, const Counts& of) {
    for (std::size_t i = 0; i < event_kinds; ++i)
      part(parts, part_of(static_cast<Event>(i))) += static_cast<double>(of[i]) * prices.joules[i];
  };
  for (std::size_t i = 0; i < event_kinds; ++i)
    energy.events[i] = static_cast<double>(counts.total[i]) * prices.joules[i];
  add_events(energy.parts, counts.total);
  add_time(energy.parts, counts.cycles);

  // Cycles as the report gives them: from the last issue of the layer before to the layer's own.
  std::vector<const program::LayerCycles*> layers;
  for (const program::LayerCycles& layer : program.layers) layers.push_back(&layer);
  std::stable_sort(layers.begin(), layers.end(),
                   [](const auto* left, const auto* right) { return left->last_issue < right->last_issue; });
  std::unordered_map<std::string, std::uint64_t> cycles;
  std::uint64_t done = 0;
  for (const program::LayerCycles* layer : layers) {
    if (layer->last_issue < done) continue;
    cycles[layer->layer] += layer->last_issue + 1 - done;
    done = layer->last_issue + 1;
  }
  for (const LayerCounts& of : counts.layers) {
    LayerEnergy layer;
    layer.name = of.name;
    if (const auto found = cycles.find(of.name); found != cycles.end()) layer.cycles = found->second;
    add_events(layer.parts, of.total());
    add_time(layer.parts, layer.cycles);
    energy.layers.push_back(std::move(layer));
    cycles.erase(of.name);
  }
  LayerEnergy rest;  // the host link, and time that no layer takes
  rest.name = "host link, after the last layer";
  rest.cycles = counts.cycles;
  for (const LayerEnergy& layer : energy.layers) rest.cycles -= std::min(rest.cycles, layer.cycles);
  Counts host{};
  of(host, Event::host_input) = of(counts.total, Event::host_input);
  of(host, Event::host_output) = of(counts.total, Event::host_output);
  add_events(rest.parts, host);
  add_time(rest.parts, rest.cycles);
  energy.layers.push_back(std::move(rest));
  add_remarks(energy);
  return energy;
}

}  // namespace northpole::energy
