// The report for programs.
#include <algorithm>

#include "report/frontier.h"
#include "report/json_text.h"
#include "report/report.h"

namespace northpole::report {
namespace {

// {"partial_sums": 12, ...}
template <std::size_t count>
Json named(const std::array<const char*, count>& names, const std::array<std::uint64_t, count>& values) {
  Json json = Json::object();
  for (std::size_t i = 0; i < count; ++i) {
    std::string key = names[i];
    std::replace(key.begin(), key.end(), ' ', '_');
    json[key] = values[i];
  }
  return json;
}

Json json_of(const LayerReport& layer) {
  return {{"name", layer.name},
          {"cycles", layer.cycles},
          {"first_cycle", layer.first_cycle},
          {"last_cycle", layer.last_cycle},
          {"first_issue", layer.first_issue},
          {"last_issue", layer.last_issue},
          {"transfer_cycles", layer.first_issue > layer.first_cycle ? layer.first_issue - layer.first_cycle : 0},
          {"compute_cycles", layer.last_issue - layer.first_issue + 1},
          {"multiply_accumulates", layer.multiply_accumulates},
          {"arithmetic_bound_cycles", layer.ideal_cycles},
          {"utilisation", layer.utilisation()},
          {"bound", layer.bound},
          {"bound_cycles", layer.bound_cycles},
          {"bounds", named(bound_names, layer.bounds)},
          {"waited", named(wait_names, layer.waited)},
          {"segments", layer.segments}};
}

}  // namespace

std::string to_json(const Report& report) {
  Json json;
  json["network"] = report.network;
  json["batch"] = report.frames;
  json["cycles"] = report.cycles;
  json["cycles_per_frame"] = report.cycles_per_frame();
  json["latency_cycles"] = report.latency_cycles;
  json["latency_seconds"] = report.seconds(static_cast<double>(report.latency_cycles));
  json["frames_per_second"] = report.frames_per_second();
  json["clock_megahertz"] = report.clock_megahertz;
  json["multiply_accumulates_per_frame"] = report.multiply_accumulates;
  json["operations_per_multiply_accumulate"] = report.operations_per_multiply_accumulate;
  json["tera_operations_per_second"] =
      report.multiply_accumulates_per_second() * report.operations_per_multiply_accumulate / 1e12;
  json["tera_multiply_accumulates_per_second"] = report.multiply_accumulates_per_second() / 1e12;
  json["arithmetic_bound_cycles_per_frame"] =
      static_cast<double>(report.ideal_cycles) / static_cast<double>(report.frames);
  json["ideal_cycles"] = report.ideal_cycles;
  json["utilisation"] = report.utilisation();
  json["sum_of_bounds_cycles"] = report.bound_cycles;
  json["bottlenecks"] = Json::array();
  for (const Bottleneck& bottleneck : bottlenecks(report))
    json["bottlenecks"].push_back(
        {{"bound", bottleneck.name}, {"layers", bottleneck.layers}, {"cycles", bottleneck.cycles}});
  json["cycles_after_layers"] = report.cycles_after_layers;
  json["host_operations"] = report.host_operations;
  json["program"] = {{"file_bytes", report.file},           {"weights_bytes", report.weights},
                     {"constants_bytes", report.constants}, {"programs_bytes", report.programs},
                     {"other_bytes", report.other},         {"edge_instructions_bytes", report.edge_instructions}};
  const MemoryReport& memory = report.memory;
  json["memory"] = {{"core_bytes", memory.core},
                    {"largest_bytes", memory.largest},
                    {"largest_core", memory.largest_core},
                    {"mean_bytes", memory.mean},
                    {"image_largest_bytes", memory.image_largest},
                    {"image_mean_bytes", memory.image_mean}};
  Json& busy = json["busy_cycles"] = Json::object();
  for (std::size_t t = 0; t < report.busy.threads.size(); ++t)
    busy[isa::name(static_cast<isa::Thread>(t))] = report.busy.threads[t];
  busy["edge_send"] = report.busy.edge_send;
  busy["edge_receive"] = report.busy.edge_receive;
  json["problem"] = report.problem.empty() ? Json(nullptr) : Json(report.problem);
  Json& layers = json["layers"] = Json::array();
  for (const LayerReport& layer : report.layers) layers.push_back(json_of(layer));
  add_frontier(report, json);
  return text_of(json);
}

}  // namespace northpole::report
