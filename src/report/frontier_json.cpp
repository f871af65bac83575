#include "energy/calibration.h"
#include "report/frontier.h"

namespace northpole::report {
namespace {

Json parts_of(const std::array<double, energy::part_count>& joules) {
  Json json = Json::object();
  for (std::size_t i = 0; i < energy::part_count; ++i) json[energy::name(static_cast<energy::Part>(i)).key] = joules[i];
  return json;
}

Json energy_of(const Report& report) {
  const energy::Energy& energy = report.energy;
  const double rate = report.time.frames_per_second(), watts = energy.watts_at(rate);
  Json json = {{"calibrated_on", energy::calibrated_on},
               {"calibration_factor", energy.calibration},
               {"frames_per_second", rate},
               {"watts", watts},
               {"joules_per_frame", rate == 0 ? 0 : watts / rate},
               {"frames_per_joule", watts == 0 ? 0 : rate / watts},
               {"idle_watts", energy.idle_watts},
               {"chip_watts", energy.watts()},
               {"joules", energy.joules()},
               {"parts", parts_of(energy.parts)},
               {"remarks", energy.remarks}};
  Json& events = json["events"] = Json::array();
  for (std::size_t i = 0; i < energy::event_kinds; ++i) {
    const energy::EventName& name = energy::name(static_cast<energy::Event>(i));
    events.push_back(
        {{"event", name.key}, {"unit", name.unit}, {"count", report.counts.total[i]}, {"joules", energy.events[i]}});
  }
  Json& layers = json["layers"] = Json::array();
  for (const energy::LayerEnergy& layer : energy.layers) {
    layers.push_back(
        {{"name", layer.name}, {"cycles", layer.cycles}, {"joules", layer.joules()}, {"parts", parts_of(layer.parts)}});
  }
  return json;
}

Json space_of(const Report& report) {
  const energy::Space& space = report.space;
  Json json = {{"transistors", space.transistors},
               {"square_millimetres", space.square_millimetres},
               {"frames_per_second_per_billion_transistors",
                space.frames_per_second_per_billion(report.time.frames_per_second())}};
  Json& parts = json["parts"] = Json::array();
  for (const energy::SpacePart& part : space.parts) {
    parts.push_back({{"part", part.key},
                     {"text", part.text},
                     {"transistors", part.transistors},
                     {"square_millimetres", part.square_millimetres},
                     {"source", part.source}});
  }
  return json;
}

Json time_of(const energy::Time& time) {
  return {{"latency_seconds", time.latency()},
          {"host_input_seconds", time.host_input},
          {"input_seconds", time.input},
          {"compute_seconds", time.compute},
          {"output_seconds", time.output},
          {"host_output_seconds", time.host_output},
          {"input_bytes_per_frame", time.input_bytes},
          {"output_bytes_per_frame", time.output_bytes},
          {"chip_frames_per_second", time.chip_frames_per_second},
          {"host_frames_per_second", time.host_frames_per_second},
          {"frames_per_second", time.frames_per_second()}};
}

}  // namespace

void add_frontier(const Report& report, Json& json) {
  json["energy"] = report.counts.problem.empty() ? energy_of(report) : Json(nullptr);
  json["space"] = space_of(report);
  json["time"] = time_of(report.time);
}

}  // namespace northpole::report
