// Words of a tensor, or of a view of it, in the cores of a group, with the cycle in which each is written.
#pragma once

#include <cstdint>
#include <vector>

#include "map/mapping.h"
#include "schedule/buffers.h"

namespace northpole::schedule {

// Rows of a region that lie together, counted from the region's first row.
struct RowSegment {
  std::int32_t first_row = 0;
  std::uint32_t base = 0;
  Buffer buffer;
  bool late = false;  // filled while others are read
};

// Word (y, x, block) of a core's region lies at base + (y - y0) * pitch_y + (x - x0) * pitch_x + (block - block0);
// where the rows are cut into segments, each segment has a base of its own, which its first row lies at.
struct Holding {
  std::uint32_t base = 0, pitch_y = 0, pitch_x = 0;
  std::uint16_t tag = 0;
  std::vector<map::Region> regions;       // by core of the group; empty where the core holds nothing
  std::vector<std::vector<Cycle>> ready;  // by core and word of its region, block fastest: when it is written
  Buffer buffer;
  std::vector<RowSegment> segments;  // in order of rows; empty: all rows lie together
  std::vector<Buffer> taken;         // all buffers that are given back together
  Cycle last_use = 0;                // last access so far
  bool held = false;                 // the buffer is taken

  std::size_t index(const map::Region& region, std::int32_t y, std::int32_t x, std::int32_t block) const {
    return (static_cast<std::size_t>(y - region.y0) * static_cast<std::size_t>(region.width()) +
            static_cast<std::size_t>(x - region.x0)) *
               static_cast<std::size_t>(region.blocks()) +
           static_cast<std::size_t>(block - region.block0);
  }
  std::uint32_t address(std::uint32_t core, std::int32_t y, std::int32_t x, std::int32_t block) const {
    const map::Region& region = regions[core];
    const std::int32_t row = y - region.y0, segment = segment_of(row);
    const std::uint32_t first = segment < 0 ? base : segments[static_cast<std::size_t>(segment)].base;
    return first + static_cast<std::uint32_t>(row - first_row(segment)) * pitch_y +
           static_cast<std::uint32_t>(x - region.x0) * pitch_x + static_cast<std::uint32_t>(block - region.block0);
  }
  // The segment of a row counted from the region's first, -1 where there are none.
  std::int32_t segment_of(std::int32_t row) const {
    std::int32_t segment = -1;
    while (segment + 1 < static_cast<std::int32_t>(segments.size()) &&
           segments[static_cast<std::size_t>(segment + 1)].first_row <= row)
      ++segment;
    return segment;
  }
  std::int32_t first_row(std::int32_t segment) const {
    return segment < 0 ? 0 : segments[static_cast<std::size_t>(segment)].first_row;
  }
  // First row after the segment.
  std::int32_t last_row(std::int32_t segment) const {
    return segment + 1 < static_cast<std::int32_t>(segments.size())
               ? segments[static_cast<std::size_t>(segment + 1)].first_row
               : 1 << 30;
  }
  // The word that a row begins with, counted from the region's first row.
  std::uint32_t first_word(std::int32_t row) const {
    const std::int32_t segment = segment_of(row);
    const std::uint32_t first = segment < 0 ? base : segments[static_cast<std::size_t>(segment)].base;
    return first + static_cast<std::uint32_t>(row - first_row(segment)) * pitch_y;
  }
  // Writes of a row may begin then.
  Cycle free_from(std::int32_t row) const {
    const std::int32_t segment = segment_of(row);
    return segment < 0 ? buffer.free_from : segments[static_cast<std::size_t>(segment)].buffer.free_from;
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
