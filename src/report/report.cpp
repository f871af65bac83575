#include "report/report.h"

#include <algorithm>
#include <map>

#include "report/latency.h"
#include "report/memory_use.h"

namespace northpole::report {
namespace {

LayerReport layer_report(const program::LayerCycles& cycles) {
  LayerReport layer;
  layer.name = cycles.layer;
  layer.first_cycle = cycles.first_cycle;
  layer.last_cycle = cycles.last_cycle;
  layer.first_issue = cycles.first_issue;
  layer.last_issue = cycles.last_issue;
  layer.multiply_accumulates = cycles.multiply_accumulates;
  layer.ideal_cycles = cycles.ideal_cycles;
  layer.bounds = {cycles.arithmetic_bound,  cycles.weight_bound, cycles.activation_bound,
                  cycles.partial_sum_bound, cycles.vector_bound, cycles.memory_bound};
  const auto largest = std::max_element(layer.bounds.begin(), layer.bounds.end());
  layer.bound_cycles = *largest;
  if (*largest != 0) layer.bound = bound_names[static_cast<std::size_t>(largest - layer.bounds.begin())];
  layer.waited = {cycles.waited_inputs, cycles.waited_weights, cycles.waited_partial_sums, cycles.waited_banks,
                  cycles.waited_programs};
  return layer;
}

void add_layers(const program::Program& program, Report& report) {
  std::map<std::string, std::uint64_t> segments;
  for (const program::Segment& segment : program.segments) ++segments[segment.layer];
  for (const program::LayerCycles& cycles : program.layers) {
    report.layers.push_back(layer_report(cycles));
    if (const auto found = segments.find(cycles.layer); found != segments.end())
      report.layers.back().segments = found->second;
  }
  std::stable_sort(report.layers.begin(), report.layers.end(), [](const LayerReport& left, const LayerReport& right) {
    return left.last_issue < right.last_issue;
  });
  std::uint64_t done = 0;  // first cycle after the last issue of the layer before
  for (LayerReport& layer : report.layers) {
    layer.cycles = layer.last_issue + 1 - done;
    done = layer.last_issue + 1;
    report.ideal_cycles += layer.ideal_cycles;
    report.bound_cycles += layer.bound_cycles;
  }
  report.cycles_after_layers = program.cycles > done ? program.cycles - done : 0;
}

void add_image(const program::Program& program, Report& report) {
  for (const program::ImageSection& section : program.image) {
    const std::uint64_t bytes = section.words.size() * std::uint64_t{chip::word_bytes};
    const std::string& name = program.tensors[section.tensor].name;
    if (name.starts_with("weights of "))
      report.weights += bytes;
    else if (name.starts_with("constants of "))
      report.constants += bytes;
    else if (name.starts_with("program") || name == "parameters")
      report.programs += bytes;
    else
      report.other += bytes;
  }
}

}  // namespace

std::vector<Bottleneck> bottlenecks(const Report& report) {
  std::vector<Bottleneck> result;
  for (const char* name : bound_names) {
    Bottleneck bottleneck{name};
    for (const LayerReport& layer : report.layers) {
      if (layer.bound != name) continue;
      ++bottleneck.layers;
      bottleneck.cycles += layer.cycles;
    }
    if (bottleneck.layers != 0) result.push_back(std::move(bottleneck));
  }
  std::stable_sort(result.begin(), result.end(),
                   [](const Bottleneck& a, const Bottleneck& b) { return a.cycles > b.cycles; });
  return result;
}

Report report_of(const program::Program& program, std::uint64_t file_bytes) {
  Report report;
  report.network = program.network;
  report.frames = program.frames;
  report.cycles = program.cycles;
  report.latency_cycles = latency_cycles(program);
  report.clock_megahertz = program.chip.clock_megahertz;
  report.operations_per_multiply_accumulate = program.chip.operations_per_multiply_accumulate;
  report.multiply_accumulates = program.multiply_accumulates;
  add_layers(program, report);
  add_image(program, report);
  for (const program::Edge& edge : program.edges) {
    report.edge_instructions += (edge.send.size() + edge.receive.size()) * std::uint64_t{chip::word_bytes};
  }
  report.file = file_bytes;
  report.memory = memory_use(program, report.problem);
  report.cores = program.chip.cores();
  report.rows = program.chip.rows;
  report.busy = busy_cycles(RunInstructions(program));
  report.counts = energy::count_events(program);
  report.energy = energy::energy_of(program, report.counts, energy::prices_of(program.chip));
  report.space = energy::space_of(program.chip);
  report.time = energy::time_of(program);
  for (const program::HostOperation& operation : program.host_operations)
    report.host_operations.push_back(operation.op);
  return report;
}

}  // namespace northpole::report
