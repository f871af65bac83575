#include "report/trace.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "network/error.h"
#include "report/instruction_layers.h"
#include "report/run_instructions.h"
#include "report/trace_counters.h"
#include "report/trace_writer.h"

namespace northpole::report {
namespace {

// Processes of the trace: the layers, then cores, then edge units.
constexpr std::uint32_t layers_process = 0;
std::uint32_t process_of_core(std::uint32_t core) { return 1 + core; }
std::uint32_t process_of_edge(const chip::ChipDescription& chip, std::uint32_t row) { return 1 + chip.cores() + row; }

class Tracer {
 public:
  Tracer(const program::Program& program, const TraceOptions& options)
      : program_(program), options_(options), run_(program), layers_(run_) {
    if (!run_.problem().empty())
      throw Error("the program cannot be followed, 'northpole verify' says more: " + run_.problem());
    choose_layers();
    choose_time();
    for (const std::uint32_t core : options_.cores)
      if (core >= program_.chip.cores())
        throw Error(fmt::format("no core {}: the chip has {} cores, from 0 on", core, program_.chip.cores()));
    for (const std::uint32_t row : options_.edges)
      if (row >= program_.chip.rows)
        throw Error(fmt::format("no edge unit in row {}: the chip has {} rows, from 0 on", row, program_.chip.rows));
  }

  std::string run() {
    show_layers();
    const std::set<std::uint32_t> cores(options_.cores.begin(), options_.cores.end()),
        edges(options_.edges.begin(), options_.edges.end());
    for (const std::uint32_t core : cores) show_core(core);
    for (const std::uint32_t row : edges) show_edge(row);
    const std::uint64_t interval =
        options_.counter_interval != 0 ? options_.counter_interval : std::max<std::uint64_t>(1, (until_ - from_) / 250);
    add_counters(run_, {cores, edges, from_, until_, interval}, process_of_core, writer_);
    return writer_.finished(
        fmt::format(R"("network":{},"cycles":{},"clock_megahertz":{},"frames":{},"time":"a nanosecond is a cycle")",
                    quoted(program_.network), program_.cycles, program_.chip.clock_megahertz, program_.frames));
  }

 private:
  void choose_layers() {
    for (const std::string& name : layers_.names())
      chosen_.push_back(options_.layer.empty() || name.find(options_.layer) != std::string::npos);
    const auto end = chosen_.begin() + static_cast<std::ptrdiff_t>(layers_.layers());
    if (!options_.layer.empty() && std::find(chosen_.begin(), end, true) == end)
      throw Error(fmt::format("no layer with '{}' in its name", options_.layer));
  }

  void choose_time() {
    from_ = program_.cycles, until_ = 0;
    for (const program::LayerCycles& layer : program_.layers) {
      if (options_.layer.empty() || layer.layer.find(options_.layer) == std::string::npos) continue;
      from_ = std::min(from_, layer.first_cycle);
      until_ = std::max(until_, layer.last_cycle + 1);
    }
    if (options_.layer.empty()) from_ = 0, until_ = program_.cycles;
    from_ = options_.from.value_or(from_);
    until_ = std::min(options_.until.value_or(until_), program_.cycles);
    if (from_ >= until_)
      throw Error(fmt::format("no time to show from cycle {} until {}: a run takes {} cycles", from_,
                              options_.until.value_or(until_), program_.cycles));
  }

  void show_layers() {
    writer_.process(layers_process, "layers, from the first transfer to the last output");
    std::vector<const program::LayerCycles*> layers;
    for (const program::LayerCycles& layer : program_.layers) {
      const bool chosen = options_.layer.empty() || layer.layer.find(options_.layer) != std::string::npos;
      if (chosen && layer.first_cycle < until_ && layer.last_cycle >= from_) layers.push_back(&layer);
    }
    std::stable_sort(layers.begin(), layers.end(),
                     [](const auto* left, const auto* right) { return left->first_cycle < right->first_cycle; });
    // Layers overlap; slices of one track must not.
    std::vector<std::uint64_t> free;
    for (const program::LayerCycles* layer : layers) {
      const auto track =
          std::find_if(free.begin(), free.end(), [&](std::uint64_t cycle) { return cycle <= layer->first_cycle; });
      const auto index = static_cast<std::uint32_t>(track - free.begin());
      if (track == free.end()) {
        free.push_back(0);
        writer_.thread(layers_process, index, fmt::format("layers {}", index + 1));
      }
      free[index] = layer->last_cycle + 1;
      writer_.slice(layers_process, index, "layer", quoted(layer->layer), layer->first_cycle, layer->last_cycle,
                    layer->last_issue - layer->first_issue + 1,
                    fmt::format(R"("first issue":{},"last issue":{},"multiply-accumulates":{})", layer->first_issue,
                                layer->last_issue, layer->multiply_accumulates));
    }
  }

  void show(std::uint32_t process, std::uint32_t thread, const std::string& name,
            const ThreadInstructions& instructions, const std::vector<std::uint32_t>& layers) {
    writer_.thread(process, thread, name);
    for (std::size_t i = 0; i < instructions.size(); ++i) {
      const PlacedInstruction& placed = instructions[i];
      if (placed.start >= until_ || placed.last < from_ || !chosen_[layers[i]]) continue;
      const std::uint16_t tensor =
          placed.instruction.tensor[0] != 0 ? placed.instruction.tensor[0] : placed.instruction.tensor[3];
      std::string arguments = fmt::format(R"("events":{},"segment":{})", placed.events, placed.segment);
      if (tensor != 0 && tensor < program_.tensors.size())
        arguments += fmt::format(R"(,"tensor":{})", quoted(program_.tensors[tensor].name));
      writer_.slice(process, thread, isa::name(placed.instruction.opcode), quoted(layers_.names()[layers[i]]),
                    placed.start, placed.last, placed.events, arguments);
    }
  }

  void show_core(std::uint32_t core) {
    const std::uint32_t process = process_of_core(core);
    writer_.process(process, fmt::format("core {} (row {}, column {})", core, core / program_.chip.columns,
                                         core % program_.chip.columns));
    const CoreInstructions instructions = run_.of_core(core);
    const InstructionLayers::OfCore layers = layers_.of_core(core, instructions);
    for (std::uint32_t t = 0; t < isa::thread_count; ++t)
      show(process, t, isa::name(static_cast<isa::Thread>(t)), instructions[t], layers[t]);
  }

  void show_edge(std::uint32_t row) {
    const std::uint32_t process = process_of_edge(program_.chip, row);
    writer_.process(process, fmt::format("edge unit of row {}", row));
    const EdgeInstructions instructions = run_.of_edge(row);
    const InstructionLayers::OfEdge layers = layers_.of_edge(row, instructions);
    show(process, 0, "send", instructions.send, layers.send);
    show(process, 1, "receive", instructions.receive, layers.receive);
  }

  const program::Program& program_;
  const TraceOptions& options_;
  RunInstructions run_;
  InstructionLayers layers_;
  std::vector<bool> chosen_;  // by name
  std::uint64_t from_ = 0, until_ = 0;
  TraceWriter writer_;
};

}  // namespace

std::string trace_json(const program::Program& program, const TraceOptions& options) {
  return Tracer(program, options).run();
}

}  // namespace northpole::report
