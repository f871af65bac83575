#include "report/page_layers.h"

#include "report/traffic.h"

namespace northpole::report {
namespace {

// Bytes that the cores' memories give and take for each layer, of all cores, of a run.
std::vector<std::uint64_t> memory_bytes(const RunInstructions& run, const InstructionLayers& layers) {
  std::vector<std::uint64_t> bytes(layers.names().size());
  for (std::uint32_t core = 0; core < run.program().chip.cores(); ++core) {
    const CoreInstructions instructions = run.of_core(core);
    const InstructionLayers::OfCore names = layers.of_core(core, instructions);
    for (std::size_t t = 0; t < isa::thread_count; ++t)
      for (std::size_t i = 0; i < instructions[t].size(); ++i)
        bytes[names[t][i]] += chip::word_bytes * accesses_of(instructions[t][i]);
  }
  return bytes;
}

}  // namespace

Json page_layers(const Report& report, const RunInstructions& run, const InstructionLayers& layers,
                 const Timeline& timeline) {
  const std::vector<std::uint64_t> bytes = memory_bytes(run, layers);
  Json result = Json::array();
  for (std::size_t i = 0; i < report.layers.size(); ++i) {
    const LayerReport& layer = report.layers[i];
    Json bounds = Json::object(), waited = Json::object();
    for (std::size_t b = 0; b < bound_names.size(); ++b) bounds[bound_names[b]] = layer.bounds[b];
    for (std::size_t w = 0; w < wait_names.size(); ++w) waited[wait_names[w]] = layer.waited[w];
    // A layer's index among the names: names are listed once, layers of equal name are one there.
    std::size_t name = 0;
    while (name < layers.layers() && layers.names()[name] != layer.name) ++name;
    result.push_back({{"name", layer.name},
                      {"took", layer.cycles},
                      {"first_cycle", layer.first_cycle},
                      {"last_cycle", layer.last_cycle},
                      {"first_issue", layer.first_issue},
                      {"last_issue", layer.last_issue},
                      {"multiply_accumulates", layer.multiply_accumulates},
                      {"ideal", layer.ideal_cycles},
                      {"used", layer.utilisation()},
                      {"bound", layer.bound},
                      {"bound_cycles", layer.bound_cycles},
                      {"bounds", std::move(bounds)},
                      {"waited", std::move(waited)},
                      {"weight_bits", name < layers.layers() ? timeline.weight_bits[name] : 0},
                      {"activation_bits", name < layers.layers() ? timeline.activation_bits[name] : 0},
                      {"memory_bytes", name < layers.layers() ? bytes[name] : 0},
                      {"index", name}});
  }
  return result;
}

}  // namespace northpole::report
