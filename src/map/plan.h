// The search over all layers: a mapping for each, such that the run as a whole is short.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "map/cost.h"
#include "map/transfer_cost.h"

namespace northpole::map {

enum class Objective : std::uint8_t {
  throughput,  // the search leaves out taking the output away, which overlaps with whatever comes after
  latency,     // the search counts all from the first input word to the last output word
};

struct LayerPlan {
  Mapping mapping;
  Cost cost;                            // activations: what really travels, given the producers' mappings
  std::vector<TransferCost> transfers;  // by input of the layer, all its tensors together
  std::uint64_t cycles = 0;             // estimated, from the layer before's last issue to its own last issue
  std::uint64_t exposed = 0;            // those of them in which its unit waits for inputs or weights
};

struct Plan {
  std::vector<LayerPlan> layers;  // by layer of the graph
  std::uint64_t cycles = 0;       // estimated, from the first input word to the last output word
};

class Search;

// Plans of one network, one after the other: what schedules of earlier plans took is used in later ones. The groups
// have group_rows rows each.
class Planner {
 public:
  // `halves`: layers may be passed in two halves of their pixels, which takes longer programs.
  Planner(const lower::LayerGraph& graph, const chip::ChipDescription& chip, std::uint32_t group_rows,
          Objective objective, bool halves = true);
  ~Planner();

  // Deterministic. Throws Error naming the layer that does not fit, and the words that it lacks.
  // `transfer_price`: what a cycle of a transfer between layers counts. Transfers meet each other, and the VMM, in
  // banks and on links, so that they cost more than their words; how much more, only the schedule knows.
  // `weight_price`: the same of weights, whose ways to different parts cross each other. Prices are of guesses alone:
  // what has been learnt counts as it is.
  Plan plan(std::uint64_t transfer_price, std::uint64_t weight_price);
  // A schedule of the plan took so many cycles in each layer, from the end of the last issue before it to that of its
  // own.
  void learn(const Plan& plan, const std::vector<std::uint64_t>& took);
  // Equal for layers of the same shape that read from the same layers before them.
  std::uint32_t form(std::size_t layer) const;
  // Other mappings of the layer with the same parts of it in each core or nearly: passed in other pixel tiles, or lying
  // on other cores of a row of the array.
  std::vector<Mapping> variants(std::size_t layer, const Mapping& mapping) const;
  // The plan that these mappings make, one for each layer.
  Plan of(const std::vector<Mapping>& mappings);

 private:
  std::unique_ptr<Search> search_;
};

// One plan of a Planner that has learnt nothing.
Plan plan_mappings(const lower::LayerGraph& graph, const chip::ChipDescription& chip, std::uint32_t group_rows,
                   Objective objective, std::uint64_t transfer_price = 3, std::uint64_t weight_price = 1);

}  // namespace northpole::map
