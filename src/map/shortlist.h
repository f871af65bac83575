// The mappings of each layer that take part in the search over layers: a few of the hundreds or thousands that there
// are.
#pragma once

#include <cstdint>
#include <deque>
#include <vector>

#include "map/cost.h"
#include "map/transfer_table.h"

namespace northpole::map {

struct Candidate {
  Mapping mapping;
  Cost cost;
  MemoryNeed need;
  std::uint32_t number = 0;  // in the table of transfers
  std::uint64_t tiles = 1;   // pixel tiles
};

// Which layers make and read each tensor of a graph.
struct TensorUses {
  static constexpr std::size_t none = ~std::size_t{0};
  explicit TensorUses(const lower::LayerGraph& graph);

  std::vector<std::size_t> maker;        // by tensor; none: the network's input
  std::vector<std::size_t> last_reader;  // by tensor
  struct Read {
    std::size_t layer = 0, input = 0;
    bool operator==(const Read&) const = default;
  };
  std::vector<std::vector<Read>> reads;  // by tensor
};

class Shortlists {
 public:
  Shortlists(const lower::LayerGraph& graph, const TensorUses& uses, const chip::ChipDescription& chip,
             std::uint32_t group_rows, TransferTable& table, bool halves);

  const CostModel& model(std::size_t layer) const { return models_[layer]; }
  // Those with the fewest cycles, and the best of every cut into tiles. Throws Error naming a layer that does not fit.
  const std::vector<Candidate>& cheapest(std::size_t layer) const { return cheapest_[layer]; }
  // Those with the fewest cycles, and those that suit the mappings (by layer) of the layers around, the layer's own
  // first.
  std::vector<Candidate> around(std::size_t layer, const std::vector<Mapping>& chosen);
  // Mappings near this one: in other pixel tiles, with outputs inside or not.
  std::vector<Mapping> variants(std::size_t layer, const Mapping& mapping) const;
  Candidate candidate(std::size_t layer, const Mapping& mapping) const;

 private:
  // Does it compute with the network's input itself?
  bool reads_frame(std::size_t layer) const;
  // The mapping, and what else it may be in time: its tile in smaller pixel tiles.
  std::vector<Mapping> in_time(std::size_t layer, const Mapping& mapping) const;
  std::vector<Candidate> all(std::size_t layer) const;
  std::uint64_t transfers(std::size_t layer, const Candidate& candidate, const std::vector<Mapping>& chosen);

  const lower::LayerGraph& graph_;
  const TensorUses& uses_;
  chip::ChipDescription chip_;
  std::uint32_t group_rows_;
  TransferTable& table_;
  bool halves_;
  std::deque<CostModel> models_;                  // by layer
  std::vector<std::vector<Candidate>> sorted_;    // by layer: the first few hundred of all
  std::vector<std::vector<Candidate>> cheapest_;  // by layer
};

}  // namespace northpole::map
