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
  chip::check(chip, "chip description");
  const lower::LayerGraph layers = lower::lower(graph, chip);
  schedule::CompileOptions scheduling;
  scheduling.progress = options.progress;
  return schedule::compile(layers, chip, scheduling);
}

}  // namespace northpole
