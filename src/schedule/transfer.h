// Bringing a layer's inputs to the cores that need them, over the activation network.
#pragma once

#include <cstdint>
#include <vector>

#include "lower/layer.h"
#include "map/mapping.h"
#include "schedule/segment_plan.h"

namespace northpole::schedule {

// A part of a stored tensor where it lies: in a core's memory, or (edge) behind a row's west edge.
struct Piece {
  bool edge = false;
  std::uint32_t place = 0;  // core or row
  map::Region region;       // stored rows, columns, blocks
  std::uint32_t base = 0, pitch_y = 0, pitch_x = 0;
};

// Where a gathered view lies in the cores that read it: word (y, x, block) of the view at
// base + (y - region.y0) * pitch_y + (x - region.x0) * pitch_x + (block - region.block0).
struct Gathered {
  std::uint32_t base = 0, pitch_y = 0, pitch_x = 0;
  std::uint16_t tag = 0;
  std::vector<map::Region> regions;  // by core; empty where not needed
};

// A stream of words from one place to a product of columns and rows.
struct Stream {
  bool from_edge = false;
  std::uint32_t place = 0;
  Destination to;
  std::uint16_t source_tag = 0;
  std::uint32_t source = 0;            // first address
  std::uint32_t count[3] = {1, 1, 1};  // y, x, block
  std::int32_t source_stride[3] = {0, 0, 0};
  std::int32_t first_y = 0, first_x = 0, first_block = 0;  // in the view
  std::uint32_t words() const { return count[0] * count[1] * count[2]; }
};

// Every stream that fills the gathered view. `pieces` and `tags` are by stored tensor.
std::vector<Stream> streams_for(const lower::View& view, const Gathered& gathered,
                                const std::vector<std::vector<Piece>>& pieces, const std::vector<std::uint16_t>& tags,
                                const chip::ChipDescription& chip);

// Puts streams into the segment, each as early as links, ports and threads allow, until one core's program would hold
// more than `word_limit` words of sends and receives; takes those it placed out of the list. No word arrives before
// `not_before`. Returns the first cycle after the last arrival.
std::uint64_t place_streams(std::vector<Stream>& streams, const Gathered& gathered, SegmentPlan& segment,
                            std::uint64_t not_before, std::size_t word_limit, const chip::ChipDescription& chip);

}  // namespace northpole::schedule
