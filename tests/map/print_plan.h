// A plan as a table, for reading.
#pragma once

#include <fmt/format.h>

#include <string>

#include "map/plan.h"

namespace northpole::map {

inline std::string text_of(const Mapping& m) {
  return fmt::format("y{}x{} x{} out{}x{} in{} tile {}x{}x{}", m.y_parts, m.column_y_parts, m.x_parts,
                     m.row_output_parts, m.column_output_parts, m.input_parts, m.tile_height, m.tile_width,
                     m.tile_blocks);
}

inline std::string table_of(const lower::LayerGraph& graph, const Plan& plan) {
  std::string text = fmt::format("{:<22}{:<40}{:>7}{:>7}{:>7}{:>7}{:>7}{:>7}{:>9}{:>8}  bound\n", "layer", "mapping",
                                 "vmm", "weight", "activ", "psum", "vector", "memory", "cycles", "exposed");
  for (std::size_t l = 0; l < plan.layers.size(); ++l) {
    const LayerPlan& p = plan.layers[l];
    std::string travel;
    for (const auto& t : p.transfers)
      travel += t.in_place ? " -" : fmt::format(" r{} s{} l{}", t.received, t.sent, t.link);
    text += fmt::format("{:<22}{:<40}{:>7}{:>7}{:>7}{:>7}{:>7}{:>7}{:>9}{:>8}  {} |{}\n", graph.layers[l].name,
                        text_of(p.mapping), p.cost.arithmetic, p.cost.weights, p.cost.activations, p.cost.partial_sums,
                        p.cost.vector, p.cost.memory, p.cycles, p.exposed, p.cost.bound(), travel);
  }
  return text + fmt::format("total {}\n", plan.cycles);
}

}  // namespace northpole::map
