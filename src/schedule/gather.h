// Bringing a view to the cores of a group that read it, over the activation network, as its words are written.
#pragma once

#include <cstdint>
#include <vector>

#include "lower/layer.h"
#include "schedule/holding.h"
#include "schedule/resources.h"
#include "schedule/run_plan.h"

namespace northpole::schedule {

// A part of a stored tensor where it lies: in a core's memory, or (edge) behind a row's west edge.
struct Piece {
  bool edge = false;
  std::uint32_t place = 0;  // core or row of the group
  map::Region region;       // stored rows, columns, blocks
  std::uint32_t base = 0, pitch_y = 0, pitch_x = 0;
  std::uint32_t address(std::int32_t y, std::int32_t x, std::int32_t block) const {
    return base + static_cast<std::uint32_t>(y - region.y0) * pitch_y +
           static_cast<std::uint32_t>(x - region.x0) * pitch_x + static_cast<std::uint32_t>(block - region.block0);
  }
};

// Where a stored tensor lies. Words behind edges are there from the start.
struct Places {
  std::vector<Piece> pieces;
  std::uint16_t tag = 0;
  Holding* holding = nullptr;  // of pieces in cores
  Cycle written(const Piece& piece, std::int32_t y, std::int32_t x, std::int32_t block) const {
    return piece.edge ? 0 : holding->when(piece.place, y, x, block);
  }
};

// Words from one place to a product of columns and rows: y, x and block, the last fastest; dense (one as often as links
// take them) or spaced (half as often), or less often where a core sends to itself within a bank.
struct Stream {
  const Piece* from = nullptr;
  const Places* source = nullptr;
  Destination to;
  std::int32_t count[3] = {1, 1, 1};                     // rows, columns, blocks
  std::int32_t first[3] = {0, 0, 0};                     // in the view
  std::int32_t stored[3] = {0, 0, 0}, step[2] = {1, 1};  // in the tensor; steps of rows and columns
  std::int32_t rank = 0;                                 // rows before it in the regions that it goes to
  // First cycle in which it could begin: dense, and spaced.
  Cycle soonest = 0, soonest_spaced = 0;
  Cycle words() const { return static_cast<Cycle>(count[0]) * static_cast<Cycle>(count[1] * count[2]); }
};

// Every stream that fills the holding's regions of the view, cut where waiting for the last word of a longer burst
// would hold up its first ones. `places` is by stored tensor. `own`: cores already hold what they own of it in its
// place.
std::vector<Stream> streams_for(const lower::View& view, const Holding& to, const std::vector<Places>& places, bool own,
                                const chip::ChipDescription& group_chip);

struct Brought {
  Cycle received = 0;  // words into the core that receives most
  Cycle first = 0;     // first event; 0: none
};

// Sends them all, each as early as words, links, ports, threads, banks and the holding's place allow; sets the
// holding's cycles.
Brought gather(const lower::View& view, Holding& to, const std::vector<Places>& places, bool own, Resources& resources,
               RunPlan& plan);

}  // namespace northpole::schedule
