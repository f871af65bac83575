// A linear layer's weights in the cores' memories, once on the chip, and their way to all cores that use them.
//
// The blocks of one output and input part are sent to all its cores in all groups at once, in the order in which the
// VMM passes them. A block lies striped over as many cores as the model network has lanes: word w of it in stripe w %
// lanes.
#pragma once

#include <cstdint>
#include <map>
#include <tuple>
#include <vector>

#include "lower/layer.h"
#include "map/mapping.h"
#include "schedule/memory_plan.h"
#include "schedule/resources.h"
#include "schedule/run_plan.h"

namespace northpole::schedule {

// A product of an output lane group: tap (window row * window width + window column) and word of the input part's
// slice.
struct Product {
  std::int32_t tap = 0, word = 0;
};

class WeightStreams {
 public:
  // Sets memory aside. `parts`: by core of the group.
  WeightStreams(const lower::Layer& layer, const lower::StoredTensor& output, const map::Mapping& mapping,
                const std::vector<map::CorePart>& parts, std::uint16_t tag, const chip::ChipDescription& chip,
                MemoryPlan& memory);

  // The order of an output lane group's products; words that a part does not have are skipped. Puts the weights into
  // memory.
  void set_order(const std::vector<Product>& order, MemoryPlan& memory);

  std::uint32_t block_words() const { return block_words_; }
  // One block for all products of a lane group, as in an average.
  bool one_for_all() const { return one_for_all_; }

  struct Arrival {
    Cycle first = 0;  // event
    Cycle there = 0;  // last word written; 0: no core needs it
  };
  // Sends the blocks of every part's lane group `group` (counted within the part) for the products of ranks [rank, rank
  // + count) to those of its cores that need them (by core of the group), to weight words `ring` and on, one block
  // behind the other; nothing is written before `not_before`. Blocks that lie one after the other in memory travel in
  // one stream. By block.
  std::vector<Arrival> bring(std::int32_t group, std::int32_t phase, std::int32_t rank, std::int32_t count,
                             const std::vector<bool>& needing, std::uint32_t ring, Cycle not_before,
                             Resources& resources, RunPlan& plan) const;

 private:
  struct Stripe {
    std::uint32_t core = 0, address = 0;
  };
  // Blocks of a part that lie one after the other in the same cores.
  struct Set {
    std::vector<Stripe> stripes;
  };
  struct Part {
    std::int32_t output_part = 0, input_part = 0, first_group = 0, groups = 0;
    map::InputSlice slice;
    std::vector<std::uint32_t> cores;  // of the group
    std::vector<std::int32_t> ranks;   // by rank of the order: place among this part's products, or -1
    std::int32_t products = 0;         // blocks of a lane group and phase
    std::vector<Set> sets;
    std::int32_t blocks() const { return groups * products; }
  };
  // The way of a set's blocks to the cores of a part that need them.
  struct Way {
    Destination to;
    std::vector<Route> routes;       // by lane
    std::vector<Cycle> first, last;  // by delivery: offsets of the first and the last lane
  };
  // `blocks` blocks of a part from its block `first` on, all of one set; `arrivals`: of the first of them.
  void stream(std::size_t part, std::int32_t first, std::int32_t blocks, const std::vector<bool>& needing,
              std::uint32_t ring, Cycle not_before, Resources& resources, RunPlan& plan, Arrival* arrivals) const;
  const std::vector<Way>& ways(std::size_t part, std::size_t set, const std::vector<bool>& needing,
                               const RunPlan& plan) const;
  const std::uint8_t* block(const Part& part, std::int32_t group, std::int32_t phase, const Product& product) const;

  const lower::Layer& layer_;
  std::uint16_t tag_;
  const chip::ChipDescription chip_;
  std::uint32_t block_words_ = 0, lanes_ = 1, group_cores_ = 0;
  std::int32_t blocks_of_set_ = 1, output_groups_ = 0;
  bool one_for_all_ = false;
  std::vector<Part> parts_;
  mutable std::map<std::tuple<std::size_t, std::size_t, std::vector<bool>>, std::vector<Way>> ways_;  // those asked for
};

}  // namespace northpole::schedule
