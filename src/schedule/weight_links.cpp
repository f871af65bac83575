#include "schedule/weight_links.h"

#include <algorithm>

namespace northpole::schedule {

std::uint64_t WeightLinks::busiest(std::uint32_t lane, std::uint32_t core,
                                   const std::vector<Destination>& users) const {
  std::uint64_t most = sent_[core];
  for (const Destination& to : users)
    for (const Hop& link : route_from_core(core, to, chip_, 1).links) most = std::max(most, links_[lane][link.index]);
  return most;
}

void WeightLinks::add(std::uint32_t lane, std::uint32_t core, const std::vector<Destination>& users,
                      std::uint64_t words) {
  sent_[core] += words;
  for (const Destination& to : users)
    for (const Hop& link : route_from_core(core, to, chip_, 1).links) links_[lane][link.index] += words;
}

}  // namespace northpole::schedule
