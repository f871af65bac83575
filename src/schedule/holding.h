// Words of a tensor, or of a view of it, in the cores of a group, with the cycle in which each is written.
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "map/mapping.h"
#include "schedule/buffers.h"

namespace northpole::schedule {

// Rows (or columns) of a region that lie together.
struct Segment {
  std::int32_t first = 0;  // counted from the region's first row (or column)
  std::uint32_t base = 0;
  Buffer buffer;
  bool late = false;  // filled while others are read
};

// Word (y, x, block) of a core's region lies at base + (y - y0) * pitch_y + (x - x0) * pitch_x + (block - block0);
// where the rows (or the columns) are cut into segments, each segment has a base of its own, which its first row (or
// column) lies at.
struct Holding {
  std::uint32_t base = 0, pitch_y = 0, pitch_x = 0;
  std::uint16_t tag = 0;
  std::vector<map::Region> regions;       // by core of the group; empty where the core holds nothing
  std::vector<std::vector<Cycle>> ready;  // by core and word of its region, block fastest: when it is written
  Buffer buffer;
  std::vector<Segment> segments;  // in order; empty: all words lie together
  bool in_columns = false;        // the segments are of columns; then each takes pitch_y words a row but the last
  std::vector<Buffer> taken;      // all buffers that are given back together
  Cycle last_use = 0;             // last access so far
  bool held = false;              // the buffer is taken

  std::size_t index(const map::Region& region, std::int32_t y, std::int32_t x, std::int32_t block) const {
    return (static_cast<std::size_t>(y - region.y0) * static_cast<std::size_t>(region.width()) +
            static_cast<std::size_t>(x - region.x0)) *
               static_cast<std::size_t>(region.blocks()) +
           static_cast<std::size_t>(block - region.block0);
  }
  std::uint32_t address(std::uint32_t core, std::int32_t y, std::int32_t x, std::int32_t block) const {
    const map::Region& region = regions[core];
    return word(y - region.y0, x - region.x0) + static_cast<std::uint32_t>(block - region.block0);
  }
  // Where the words of a row and a column begin, both counted from the region's first.
  std::uint32_t word(std::int32_t row, std::int32_t column) const {
    const std::int32_t segment = segment_of(row, column), first = first_of(segment);
    if (segment < 0) return base + offset(row, column);
    const std::uint32_t start = segments[static_cast<std::size_t>(segment)].base;
    return start + (in_columns ? offset(row, column - first) : offset(row - first, column));
  }
  // Their segment, -1 where there are none.
  std::int32_t segment_of(std::int32_t row, std::int32_t column) const {
    const std::int32_t place = in_columns ? column : row;
    std::int32_t segment = -1;
    while (segment + 1 < static_cast<std::int32_t>(segments.size()) &&
           segments[static_cast<std::size_t>(segment + 1)].first <= place)
      ++segment;
    return segment;
  }
  // First row (or column) of a segment, and the first after it.
  std::int32_t first_of(std::int32_t segment) const {
    return segment < 0 ? 0 : segments[static_cast<std::size_t>(segment)].first;
  }
  std::int32_t end_of(std::int32_t segment) const {
    return segment + 1 < static_cast<std::int32_t>(segments.size())
               ? segments[static_cast<std::size_t>(segment + 1)].first
               : 1 << 30;
  }
  // The part of a core's region that lies in a segment.
  map::Region part(std::uint32_t core, std::int32_t segment) const;
  // Their words may be written from then on.
  Cycle free_from(std::int32_t row, std::int32_t column) const {
    const std::int32_t segment = segment_of(row, column);
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
  // Of those the words from a segment's first row (or column) to its last, which `rows` (and `columns`) limit.
  std::uint32_t words_of(std::int32_t segment, std::int32_t rows, std::int32_t columns) const;

 private:
  std::uint32_t offset(std::int32_t row, std::int32_t column) const {
    return static_cast<std::uint32_t>(row) * pitch_y + static_cast<std::uint32_t>(column) * pitch_x;
  }
};

// Rows and columns of pixels, counted from 0, whose words lie in one segment.
struct PixelRun {
  std::int32_t row = 0, rows = 0, column = 0, columns = 0;
};
// Cuts `rows` x `columns` pixels, each of which lies in segment_of(row, column) of the holding, into runs, row by row.
std::vector<PixelRun> runs_of(const Holding& holding, std::int32_t rows, std::int32_t columns,
                              const std::function<std::int32_t(std::int32_t, std::int32_t)>& segment_of);

}  // namespace northpole::schedule
