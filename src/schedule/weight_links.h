// What a layer's streams of weights put on the links of the model network and on the threads that send them. Streams
// that share one keep each other waiting, each for as long as both last.
#pragma once

#include <cstdint>
#include <vector>

#include "chip/chip_description.h"
#include "schedule/route.h"

namespace northpole::schedule {

class WeightLinks {
 public:
  explicit WeightLinks(const chip::ChipDescription& chip)
      : chip_(chip),
        links_(chip.model_lanes, std::vector<std::uint64_t>(link_count(chip), 0)),
        sent_(chip.cores(), 0) {}

  // Words that the busiest link on the way from `core` to all of `users` carries in a lane, or the core sends.
  std::uint64_t busiest(std::uint32_t lane, std::uint32_t core, const std::vector<Destination>& users) const;
  void add(std::uint32_t lane, std::uint32_t core, const std::vector<Destination>& users, std::uint64_t words);

 private:
  const chip::ChipDescription& chip_;
  std::vector<std::vector<std::uint64_t>> links_;  // by lane and link: words
  std::vector<std::uint64_t> sent_;                // by core: words
};

}  // namespace northpole::schedule
