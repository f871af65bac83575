#include "report/report.h"

#include <algorithm>

#include "report/memory_use.h"

namespace northpole::report {
namespace {

// Multiply-accumulates that all cores do in a cycle at 8 bit.
double rate_of(const chip::ChipDescription& chip) {
  return static_cast<double>(chip.cores()) * chip::lanes * chip::word_bytes;
}

// One entry for all segments of a layer that come one after another.
std::vector<LayerReport> layers_of(const program::Program& program) {
  std::vector<LayerReport> layers;
  for (const program::Segment& segment : program.segments) {
    if (layers.empty() || layers.back().name != segment.layer) {
      layers.emplace_back();
      layers.back().name = segment.layer;
    }
    LayerReport& layer = layers.back();
    layer.cycles += segment.last_cycle - segment.first_cycle + 1;
    layer.transfer_cycles += segment.transfer_cycles;
    layer.compute_cycles += segment.compute_cycles;
    layer.multiply_accumulates += segment.multiply_accumulates;
    ++layer.segments;
    if (!segment.bound.empty()) layer.bound = segment.bound;
  }
  for (LayerReport& layer : layers) {
    layer.arithmetic_bound_cycles = static_cast<double>(layer.multiply_accumulates) / rate_of(program.chip);
  }
  return layers;
}

void add_image(const program::Program& program, Report& report) {
  for (const program::ImageSection& section : program.image) {
    const std::uint64_t bytes = section.words.size() * std::uint64_t{chip::word_bytes};
    const std::string& name = program.tensors[section.tensor].name;
    if (name.starts_with("weights of "))
      report.weights += bytes;
    else if (name.starts_with("constants of "))
      report.constants += bytes;
    else if (name == "programs" || name == "parameters")
      report.programs += bytes;
    else
      report.other += bytes;
  }
}

}  // namespace

Report report_of(const program::Program& program, std::uint64_t file_bytes) {
  Report report;
  report.network = program.network;
  report.cycles_per_frame = report.latency_cycles = program.cycles;
  report.clock_megahertz = program.chip.clock_megahertz;
  report.latency_seconds = static_cast<double>(program.cycles) / (program.chip.clock_megahertz * 1e6);
  report.frames_per_second = program.cycles == 0 ? 0 : 1 / report.latency_seconds;
  report.multiply_accumulates = program.multiply_accumulates;
  report.arithmetic_bound_cycles_per_frame = static_cast<double>(program.multiply_accumulates) / rate_of(program.chip);
  report.layers = layers_of(program);
  add_image(program, report);
  for (const program::Edge& edge : program.edges) {
    report.edge_instructions += (edge.send.size() + edge.receive.size()) * std::uint64_t{chip::word_bytes};
  }
  report.file = file_bytes;
  report.memory = memory_use(program, report.problem);
  for (const program::HostOperation& operation : program.host_operations)
    report.host_operations.push_back(operation.op);
  return report;
}

}  // namespace northpole::report
