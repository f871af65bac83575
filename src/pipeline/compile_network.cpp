#include "lower/lower.h"
#include "network/error.h"
#include "northpole/compile.h"
#include "northpole/network.h"
#include "schedule/compile.h"

namespace northpole {

program::Program compile_network(const network::Graph& graph, const chip::ChipDescription& chip,
                                 const CompileOptions& options) {
  if (!is_quantized(graph)) {
    throw Error((graph.source.empty() ? "the network" : graph.source) +
                ": not quantized; quantize it first: northpole quantize NET --calibrate DATA -o FILE");
  }
  if (options.frames == 0) throw Error("a run of no frames: a program processes at least one");
  chip::check(chip, "chip description");
  lower::Options lowering;
  lowering.fuse_second_operands = lowering.fuse_functions = lowering.phases = lowering.narrow_weights = true;
  const lower::LayerGraph layers = lower::lower(graph, chip, lowering);
  schedule::CompileOptions scheduling;
  scheduling.progress = options.progress;
  scheduling.frames = options.frames;
  scheduling.schedules = options.schedules;
  scheduling.threads = static_cast<unsigned>(options.threads);
  scheduling.objective = options.objective == Objective::latency ||
                                 (options.objective == Objective::automatic && options.frames == 1)
                             ? map::Objective::latency
                             : map::Objective::throughput;
  return schedule::compile(layers, chip, scheduling);
}

}  // namespace northpole
