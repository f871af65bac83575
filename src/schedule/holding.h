// Words of a tensor, or of a view of it, in the cores of a group, with the cycle in which each is written.
#pragma once

#include <cstdint>
#include <vector>

#include "map/mapping.h"
#include "schedule/buffers.h"

namespace northpole::schedule {

// Word (y, x, block) of a core's region lies at base + (y - y0) * pitch_y + (x - x0) * pitch_x + (block - block0).
struct Holding {
  std::uint32_t base = 0, pitch_y = 0, pitch_x = 0;
  std::uint16_t tag = 0;
  std::vector<map::Region> regions;       // by core of the group; empty where the core holds nothing
  std::vector<std::vector<Cycle>> ready;  // by core and word of its region, block fastest: when it is written
  Buffer buffer;
  Cycle last_use = 0;  // last access so far
  bool held = false;   // the buffer is taken

  std::size_t index(const map::Region& region, std::int32_t y, std::int32_t x, std::int32_t block) const {
    return (static_cast<std::size_t>(y - region.y0) * static_cast<std::size_t>(region.width()) +
            static_cast<std::size_t>(x - region.x0)) *
               static_cast<std::size_t>(region.blocks()) +
           static_cast<std::size_t>(block - region.block0);
  }
  std::uint32_t address(std::uint32_t core, std::int32_t y, std::int32_t x, std::int32_t block) const {
    const map::Region& region = regions[core];
    return base + static_cast<std::uint32_t>(y - region.y0) * pitch_y +
           static_cast<std::uint32_t>(x - region.x0) * pitch_x + static_cast<std::uint32_t>(block - region.block0);
  }
  Cycle& when(std::uint32_t core, std::int32_t y, std::int32_t x, std::int32_t block) {
    return ready[core][index(regions[core], y, x, block)];
  }
  Cycle when(std::uint32_t core, std::int32_t y, std::int32_t x, std::int32_t block) const {
    return ready[core][index(regions[core], y, x, block)];
  }
  void used(Cycle cycle) { last_use = cycle > last_use ? cycle : last_use; }
  // Words of the largest region when all have its height, width and blocks; sets the pitches.
  std::uint32_t lay_out();
};

}  // namespace northpole::schedule
