#include "choose/estimate.h"

#include "lower/lower.h"
#include "map/plan.h"

namespace northpole::choose {

Estimate estimated_cycles(const network::Graph& graph, const chip::ChipDescription& chip) {
  lower::Options lowering;
  lowering.fuse_second_operands = lowering.fuse_functions = lowering.phases = true;
  const lower::LayerGraph layers = lower::lower(graph, chip, lowering);
  const map::Plan plan = map::plan_mappings(layers, chip, chip.rows, map::Objective::latency);
  Estimate estimate;
  estimate.cycles = plan.cycles;
  for (std::size_t i = 0; i < layers.layers.size(); ++i) {
    // A layer with weights that does an element-wise one's work as well is called after both (lower/fuse.h).
    const std::string& name = layers.layers[i].name;
    estimate.layers[name.substr(0, name.find(" + "))] += plan.layers[i].cycles;
  }
  return estimate;
}

}  // namespace northpole::choose
