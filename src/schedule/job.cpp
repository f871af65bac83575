#include "schedule/job.h"

#include <algorithm>

namespace northpole::schedule {

Cycle WeightRing::empty_from(std::uint32_t first, std::uint32_t words) const {
  return *std::max_element(free_from.begin() + first, free_from.begin() + first + words);
}

void WeightRing::release(std::uint32_t first, std::uint32_t words, Cycle cycle) {
  std::fill_n(free_from.begin() + first, words, cycle);
}

isa::Loop loop_of(std::int64_t count, std::int64_t interval, std::array<std::int64_t, 4> stride) {
  isa::Loop loop;
  loop.count = static_cast<std::uint16_t>(count);
  loop.interval = static_cast<std::uint32_t>(interval);
  for (std::size_t i = 0; i < 4; ++i) loop.stride[i] = static_cast<std::int16_t>(stride[i]);
  return loop;
}

}  // namespace northpole::schedule
