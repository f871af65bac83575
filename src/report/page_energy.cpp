#include "report/page_energy.h"

#include <fmt/format.h>

#include <algorithm>

#include "energy/calibration.h"
#include "energy/energy.h"
#include "energy/space.h"
#include "energy/time.h"

namespace northpole::report {
namespace {

Json constants_json(const energy::Constants& constants, double calibration) {
  Json result = Json::array();
  for (std::size_t i = 0; i < energy::constant_count; ++i) {
    const auto constant = static_cast<energy::Constant>(i);
    const energy::ConstantInfo& info = energy::info(constant);
    result.push_back(
        {{"group", "energy"},
         {"name", info.text},
         {"value", fmt::format("{:g} {}", info.published, info.unit)},
         {"meaning", fmt::format("at {}; at 12 nm {:.3g} in SI units ({}){}", info.at, constants[constant],
                                 energy::rule(info.scaling),
                                 info.calibrated ? fmt::format(", then x {:.3g} by calibration", calibration) : "")},
         {"status", fmt::format("confidence {}", energy::name(info.confidence))},
         {"source", info.source}});
  }
  return result;
}

// Joules of a frame's events in each core.
Json map_of(const energy::EventCounts& counts, const energy::Prices& prices, const std::vector<std::string>& names,
            std::uint32_t cores) {
  Json map = Json::array();
  for (const std::string& name : names) {
    std::vector<double> joules(cores, 0);
    for (const energy::LayerCounts& layer : counts.layers) {
      if (layer.name != name) continue;
      for (std::uint32_t core = 0; core < cores && core < layer.units.size(); ++core)
        for (std::size_t event = 0; event < energy::event_kinds; ++event)
          joules[core] +=
              static_cast<double>(layer.units[core][event]) * prices.joules[event] / static_cast<double>(counts.frames);
    }
    Json of_layer = Json::array();
    // Four digits are more than the model is worth.
    for (const double value : joules) of_layer.push_back(std::stod(fmt::format("{:.4g}", value)));
    map.push_back(std::move(of_layer));
  }
  return map;
}

Json time_json(const energy::Time& time) {
  return {{"host_input", time.host_input},
          {"input", time.input},
          {"compute", time.compute},
          {"output", time.output},
          {"host_output", time.host_output},
          {"latency", time.latency()},
          {"host_frames_per_second", time.host_frames_per_second},
          {"host_limits", time.host_limits()},
          {"frames_per_second", time.frames_per_second()}};
}

}  // namespace

PageEnergy page_energy(const program::Program& program, const std::vector<std::string>& names) {
  const energy::EventCounts counts = energy::count_events(program);
  const energy::Constants constants = energy::published_constants();
  const energy::Prices prices = energy::prices_of(program.chip, constants);
  const energy::Energy energy = energy::energy_of(program, counts, prices);
  const energy::Space space = energy::space_of(program.chip);
  const energy::Time time = energy::time_of(program);
  const auto frames = static_cast<double>(energy.frames);

  Json parts = Json::array();
  for (std::size_t i = 0; i < energy::part_count; ++i) {
    const energy::PartName& name = energy::name(static_cast<energy::Part>(i));
    parts.push_back({{"key", name.key}, {"text", name.text}, {"joules", energy.parts[i] / frames}});
  }
  Json layers = Json::array();
  for (const energy::LayerEnergy& layer : energy.layers) {
    Json of_parts = Json::array();
    for (const double joules : layer.parts) of_parts.push_back(std::stod(fmt::format("{:.4g}", joules / frames)));
    layers.push_back({{"name", layer.name}, {"joules", layer.joules() / frames}, {"parts", std::move(of_parts)}});
  }
  Json space_parts = Json::array();
  for (const energy::SpacePart& part : space.parts)
    space_parts.push_back({{"text", part.text},
                           {"transistors", part.transistors},
                           {"square_millimetres", part.square_millimetres},
                           {"source", part.source}});
  PageEnergy result;
  // At the rate that the host link allows.
  const double rate = time.frames_per_second(), watts = energy.watts_at(rate);
  result.energy = {{"watts", watts},
                   {"idle_watts", energy.idle_watts},
                   {"joules_per_frame", rate == 0 ? 0 : watts / rate},
                   {"frames_per_joule", watts == 0 ? 0 : rate / watts},
                   {"calibrated_on", energy::calibrated_on},
                   {"remarks", energy.remarks},
                   {"parts", std::move(parts)},
                   {"layers", std::move(layers)},
                   {"time", time_json(time)},
                   {"space",
                    {{"transistors", space.transistors},
                     {"square_millimetres", space.square_millimetres},
                     {"frames_per_second_per_billion", space.frames_per_second_per_billion(time.frames_per_second())},
                     {"parts", std::move(space_parts)}}}};
  result.map = map_of(counts, prices, names, program.chip.cores());
  result.provenance = constants_json(constants, energy.calibration);
  return result;
}

}  // namespace northpole::report
