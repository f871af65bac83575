// The report for people and for programs.
#include <fmt/format.h>

#include "report/json_text.h"
#include "report/report.h"
#include "report/table.h"

namespace northpole::report {
namespace {

std::string percent(double part, double whole) { return whole > 0 ? fmt::format("{:.1f} %", 100 * part / whole) : "-"; }

std::string head(const Report& report) {
  const auto cycles = static_cast<double>(report.cycles_per_frame);
  std::string text = fmt::format("network            {}\n", shortened(report.network, 80));
  text +=
      fmt::format("cycles a frame     {} (batch {}), latency the same: {:.1f} us at {:g} MHz\n",
                  grouped(report.cycles_per_frame), report.batch, report.latency_seconds * 1e6, report.clock_megahertz);
  text += fmt::format("frames a second    {:.0f}\n", report.frames_per_second);
  text += fmt::format("arithmetic bound   {:.1f} cycles: {} multiply-accumulates, no lane idle; {} of the cycles\n",
                      report.arithmetic_bound_cycles_per_frame, grouped(report.multiply_accumulates),
                      percent(report.arithmetic_bound_cycles_per_frame, cycles));
  text +=
      fmt::format("program file       {}; memory image: weights {}, constants {}, programs {}\n",
                  byte_size(static_cast<double>(report.file)), byte_size(static_cast<double>(report.weights)),
                  byte_size(static_cast<double>(report.constants)), byte_size(static_cast<double>(report.programs)));
  const MemoryReport& memory = report.memory;
  text += fmt::format("memory of a core   {} of {} at most (core {}), {} on average\n",
                      byte_size(static_cast<double>(memory.largest)), byte_size(static_cast<double>(memory.core)),
                      memory.largest_core, byte_size(memory.mean));
  text += fmt::format("                   of which image {} at most, {} on average\n",
                      byte_size(static_cast<double>(memory.image_largest)), byte_size(memory.image_mean));
  for (const std::string& operation : report.host_operations)
    text += fmt::format("on the host        {}, after the output was read\n", operation);
  if (!report.problem.empty()) text += fmt::format("memory is that of the image alone: {}\n", report.problem);
  return text;
}

}  // namespace

std::string to_text(const Report& report) {
  std::vector<std::vector<std::string>> rows = {
      {"layer", "cycles", "share", "transfer", "compute", "bound", "MMAC", "waits for"}};
  for (const LayerReport& layer : report.layers) {
    rows.push_back({shortened(layer.name, 34), grouped(layer.cycles),
                    percent(static_cast<double>(layer.cycles), static_cast<double>(report.cycles_per_frame)),
                    grouped(layer.transfer_cycles), grouped(layer.compute_cycles),
                    fmt::format("{:.1f}", layer.arithmetic_bound_cycles),
                    fmt::format("{:.2f}", static_cast<double>(layer.multiply_accumulates) / 1e6),
                    shortened(layer.bound, 14)});
  }
  return head(report) + "\n" + table(rows);
}

std::string to_json(const Report& report) {
  Json json;
  json["network"] = report.network;
  json["batch"] = report.batch;
  json["cycles_per_frame"] = report.cycles_per_frame;
  json["latency_cycles"] = report.latency_cycles;
  json["latency_seconds"] = report.latency_seconds;
  json["frames_per_second"] = report.frames_per_second;
  json["clock_megahertz"] = report.clock_megahertz;
  json["multiply_accumulates_per_frame"] = report.multiply_accumulates;
  json["arithmetic_bound_cycles_per_frame"] = report.arithmetic_bound_cycles_per_frame;
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
  json["problem"] = report.problem.empty() ? Json(nullptr) : Json(report.problem);
  Json& layers = json["layers"] = Json::array();
  for (const LayerReport& layer : report.layers) {
    layers.push_back({{"name", layer.name},
                      {"cycles", layer.cycles},
                      {"transfer_cycles", layer.transfer_cycles},
                      {"compute_cycles", layer.compute_cycles},
                      {"multiply_accumulates", layer.multiply_accumulates},
                      {"arithmetic_bound_cycles", layer.arithmetic_bound_cycles},
                      {"bound", layer.bound},
                      {"segments", layer.segments}});
  }
  return text_of(json);
}

}  // namespace northpole::report
