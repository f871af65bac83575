#include "machine/fast/slot_regions.h"

#include <iterator>

namespace northpole::machine::fast {

void SlotRegions::begin_pass(std::uint32_t pass) {
  while (!taken_.empty() && taken_.begin()->first < pass) {
    give_back(taken_.begin()->second.first, taken_.begin()->second.count);
    taken_.erase(taken_.begin());
  }
}

Slot SlotRegions::take(std::uint32_t count, std::uint32_t last_pass) {
  if (count == 0) return 0;
  Slot first = size_;
  auto gap = free_.begin();
  while (gap != free_.end() && gap->second < count) ++gap;
  if (gap != free_.end()) {
    first = gap->first;
    if (gap->second > count) free_.emplace(first + count, gap->second - count);
    free_.erase(gap);
  } else if (!free_.empty() && std::prev(free_.end())->first + std::prev(free_.end())->second == size_) {
    // The gap at the end grows.
    first = std::prev(free_.end())->first;
    free_.erase(std::prev(free_.end()));
    size_ = first + count;
  } else {
    size_ += count;
  }
  taken_.emplace(last_pass, Region{first, count});
  return first;
}

void SlotRegions::give_back(Slot first, std::uint32_t count) {
  if (count == 0) return;
  const auto next = free_.lower_bound(first);
  if (next != free_.begin()) {
    const auto before = std::prev(next);
    if (before->first + before->second == first) {
      first = before->first;
      count += before->second;
      free_.erase(before);
    }
  }
  if (next != free_.end() && first + count == next->first) {
    count += next->second;
    free_.erase(next);
  }
  free_.emplace(first, count);
}

}  // namespace northpole::machine::fast
