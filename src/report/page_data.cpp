#include "report/page_data.h"

#include <algorithm>
#include <cmath>
#include <map>

#include "network/error.h"
#include "report/array_maps.h"
#include "report/instruction_layers.h"
#include "report/memory_in_time.h"
#include "report/page_energy.h"
#include "report/page_layers.h"
#include "report/provenance.h"
#include "report/report.h"
#include "report/run_instructions.h"
#include "report/timeline.h"

namespace northpole::report {
namespace {

constexpr std::size_t most_intervals = 900, memory_samples = 400, slice_cores = 4;

// Shares as whole thousandths: short in the file, exact enough for any picture.
std::vector<std::int64_t> thousandths(const std::vector<double>& shares) {
  std::vector<std::int64_t> result;
  for (const double share : shares) result.push_back(std::llround(share * 1000));
  return result;
}

class PageData {
 public:
  explicit PageData(const PageProgram& shown)
      : shown_(shown),
        program_(*shown.program),
        report_(report_of(program_, shown.file_bytes)),
        run_(program_),
        layers_(run_) {
    if (!run_.problem().empty())
      throw Error(shown.name + ": the program cannot be followed, 'northpole verify' says more: " + run_.problem());
  }

  Json json() {
    const Timeline timeline = timeline_of(run_, layers_, most_intervals);
    Json json;
    json["name"] = shown_.name;
    json["summary"] = summary();
    json["chip"] = Json::parse(chip::to_json(program_.chip));
    json["names"] = layers_.names();
    json["layers"] = page_layers(report_, run_, layers_, timeline);
    json["busy"] = Json::parse(to_json(report_))["busy_cycles"];
    json["timeline"] = timeline_json(timeline);
    json["slices"] = slices();
    json["memory"] = memory();
    json["array"] = array();
    json["provenance"] = provenance(program_.chip);
    PageEnergy energy = page_energy(program_, layers_.names());
    json["energy"] = std::move(energy.energy);
    json["array"]["energy"] = std::move(energy.map);
    for (Json& constant : energy.provenance) json["provenance"].push_back(std::move(constant));
    return json;
  }

 private:
  Json summary() const {
    const auto microseconds = [&](std::uint64_t cycles) { return 1e6 * report_.seconds(static_cast<double>(cycles)); };
    Json json = {{"network", program_.network},
                 {"frames", report_.frames},
                 {"cycles", report_.cycles},
                 {"cycles_per_frame", report_.cycles_per_frame()},
                 {"run_microseconds", microseconds(report_.cycles)},
                 {"latency_cycles", report_.latency_cycles},
                 {"latency_microseconds", microseconds(report_.latency_cycles)},
                 {"frames_per_second", report_.frames_per_second()},
                 {"utilisation", report_.utilisation()},
                 {"ideal_cycles", report_.ideal_cycles},
                 {"bound_cycles", report_.bound_cycles},
                 {"multiply_accumulates", report_.multiply_accumulates},
                 {"tera_operations",
                  report_.multiply_accumulates_per_second() * report_.operations_per_multiply_accumulate / 1e12},
                 {"operations_per_multiply_accumulate", report_.operations_per_multiply_accumulate},
                 {"core_bytes", report_.memory.core},
                 {"largest_bytes", report_.memory.largest},
                 {"largest_core", report_.memory.largest_core},
                 {"mean_bytes", report_.memory.mean},
                 {"weight_bytes", report_.weights},
                 {"constant_bytes", report_.constants},
                 {"program_bytes", report_.programs},
                 {"file_bytes", report_.file},
                 {"host_operations", report_.host_operations}};
    json["accuracy"] = shown_.accuracy ? Json(*shown_.accuracy) : Json(nullptr);
    return json;
  }

  static Json timeline_json(const Timeline& timeline) {
    Json rows = Json::array();
    for (const TimelineRow& row : timeline.rows)
      rows.push_back({{"name", row.name}, {"busy", thousandths(row.busy)}, {"layer", row.layer}});
    return {{"interval", timeline.interval}, {"rows", std::move(rows)}};
  }

  // Some cores' instructions one by one: starts as distances from the end of the one before.
  Json slices() const {
    Json result = Json::array();
    const std::uint32_t cores = program_.chip.cores();
    const std::size_t count = std::min<std::size_t>(slice_cores, cores);
    for (std::size_t i = 0; i < count; ++i) {
      // Down the diagonal: cores that differ in row and column.
      const std::size_t row = i * program_.chip.rows / count, column = i * program_.chip.columns / count;
      const auto core = static_cast<std::uint32_t>(row * program_.chip.columns + column);
      const CoreInstructions instructions = run_.of_core(core);
      const InstructionLayers::OfCore names = layers_.of_core(core, instructions);
      Json threads = Json::array();
      for (std::size_t t = 0; t < isa::thread_count; ++t) {
        std::vector<std::uint64_t> gap, length, events;
        std::uint64_t free = 0;
        for (const PlacedInstruction& placed : instructions[t]) {
          gap.push_back(placed.start - free);
          length.push_back(placed.last - placed.start + 1);
          events.push_back(placed.events);
          free = placed.last + 1;
        }
        threads.push_back({{"name", isa::name(static_cast<isa::Thread>(t))},
                           {"gap", gap},
                           {"length", length},
                           {"events", events},
                           {"layer", names[t]}});
      }
      result.push_back({{"core", core}, {"threads", std::move(threads)}});
    }
    return result;
  }

  Json memory() {
    // Samples in time, and at each layer's last issue for the map of the array.
    std::vector<std::uint64_t> cycles;
    for (std::size_t i = 0; i < memory_samples; ++i) cycles.push_back(program_.cycles * i / memory_samples);
    for (const LayerReport& layer : report_.layers) cycles.push_back(layer.last_issue);
    std::sort(cycles.begin(), cycles.end());
    cycles.erase(std::unique(cycles.begin(), cycles.end()), cycles.end());
    const auto words = words_in_use(run_, cycles);
    std::vector<std::uint64_t> mean, largest;
    for (std::size_t i = 0; i < cycles.size(); ++i) {
      std::uint64_t sum = 0, most = 0;
      for (const auto& of_core : words) {
        sum += of_core[i];
        most = std::max<std::uint64_t>(most, of_core[i]);
      }
      mean.push_back(sum * chip::word_bytes / words.size());
      largest.push_back(most * chip::word_bytes);
    }
    memory_map_ = Json::array();
    for (const LayerReport& layer : report_.layers) {
      const auto sample = std::lower_bound(cycles.begin(), cycles.end(), layer.last_issue) - cycles.begin();
      std::vector<std::uint32_t> of_layer;
      for (const auto& of_core : words) of_layer.push_back(of_core[static_cast<std::size_t>(sample)]);
      memory_map_.push_back(of_layer);
    }
    return {{"cycles", cycles},
            {"mean", mean},
            {"largest", largest},
            {"image_mean", report_.memory.image_mean},
            {"core_bytes", report_.memory.core}};
  }

  // By layer, then core or link. memory() has been called.
  Json array() {
    const ArrayMaps maps = array_maps(run_, layers_);
    Json links = Json::object();
    for (std::size_t n = 0; n < network_names.size(); ++n) {
      Json of_network = Json::array();
      for (std::size_t layer = 0; layer < layers_.names().size(); ++layer) of_network.push_back(maps.links[n][layer]);
      links[network_names[n]] = std::move(of_network);
    }
    return {{"vmm", maps.vmm}, {"vector", maps.vector}, {"memory_words", memory_map_}, {"links", std::move(links)}};
  }

  const PageProgram& shown_;
  const program::Program& program_;
  Report report_;
  RunInstructions run_;
  InstructionLayers layers_;
  Json memory_map_;
};

}  // namespace

Json page_data(const PageProgram& program) { return PageData(program).json(); }

}  // namespace northpole::report
