// Places in the arena: runs of slots for what a step makes, given back once its last reader is through, so that a run's
// values stay in the host's caches.
#pragma once

#include <cstdint>
#include <map>

namespace northpole::machine::fast {

using Slot = std::uint32_t;

class SlotRegions {
 public:
  static constexpr std::uint32_t for_ever = ~std::uint32_t{0};

  // Passes come in rising order. What was needed up to an earlier one is free from now on.
  void begin_pass(std::uint32_t pass);
  // The first of `count` slots that stay until the end of pass `last_pass`.
  Slot take(std::uint32_t count, std::uint32_t last_pass);
  // How many there are in all.
  std::uint32_t size() const { return size_; }

 private:
  void give_back(Slot first, std::uint32_t count);

  std::map<Slot, std::uint32_t> free_;  // first slot and number of each gap; no two touch
  struct Region {
    Slot first;
    std::uint32_t count;
  };
  std::multimap<std::uint32_t, Region> taken_;  // by last pass
  std::uint32_t size_ = 0;
};

}  // namespace northpole::machine::fast
