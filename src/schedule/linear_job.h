// The cycles of a linear layer: for each pixel tile, for each lane group of the output, weight blocks arrive one after
// the other and the VMM passes all pixels under each (or under a few of them together), one a cycle; partial sums of
// input parts are added from east to west; the vector unit follows the last pass. All cores of a group go in step.
// While words of a pass are on their way, passes of the next lane groups and pixel tiles whose words are there go
// first, as far as the partial sums have room.
#pragma once

#include <optional>

#include "schedule/job.h"
#include "schedule/layer_constants.h"
#include "schedule/weight_streams.h"

namespace northpole::schedule {

class LinearJob {
 public:
  LinearJob(Job& job, WeightStreams& weights, const LayerConstants& constants, MemoryPlan& memory, RunState& state)
      : job_(job),
        layer_(*job.layer),
        weights_(weights),
        constants_(constants, job, state),
        memory_(memory),
        state_(state) {}
  // Plans all of it; sets when the output's words are written. The first wave of a layer decides the order of products
  // and fills in the weights; later waves are given it.
  void plan(std::vector<Product>& order);

 private:
  // Pixels of every core's tile that are in work together.
  struct Tile {
    std::int32_t y0 = 0, y1 = 0, x0 = 0, x1 = 0;
    std::int32_t width() const { return x1 - x0; }
    std::int32_t pixels() const { return (y1 - y0) * (x1 - x0); }
  };
  // What a core does of a tile: rows and columns of its own (smaller at the tensor's edge); empty when nothing.
  struct Share {
    std::int32_t rows = 0, columns = 0;
    bool empty() const { return rows <= 0 || columns <= 0; }
  };
  Share share(std::uint32_t core, const Tile& tile) const;
  bool works(std::uint32_t core, const Tile& tile, std::int32_t group) const;
  // Columns of a core's share that belong to a phase: the first, counted within the tile, and how many there are.
  struct Columns {
    std::int32_t first = 0, count = 0;
  };
  Columns columns_of(std::uint32_t core, const Tile& tile, std::int32_t phase) const;
  // Cores that use a lane group's block of a phase as long as it is there: in this tile, or in any when blocks stay.
  std::vector<bool> users(const Tile& tile, std::int32_t group, std::int32_t phase) const;
  std::vector<Product> order_of_products(const Tile& tile) const;
  // Address of the word that pixel (y, x) of the core's tile needs for a product of its lane group.
  std::uint32_t address(std::uint32_t core, std::int32_t group, const Product& product, std::int32_t y,
                        std::int32_t x) const;
  // Runs of a core's share (columns counted as those of the phase) that read one segment of the input for a product:
  // one instruction each.
  std::vector<PixelRun> input_runs(std::uint32_t core, const Tile& tile, const Product& product, const Share& own,
                                   const Columns& columns) const;
  const Cycle& written(std::uint32_t core, std::int32_t group, const Product& product, std::int32_t y,
                       std::int32_t x) const;
  std::int32_t first_word(std::uint32_t core, std::int32_t group) const;
  // A weight block in the weight buffer.
  struct Placed {
    std::uint32_t ring = 0;
    Cycle there = 0, last_pass = 0;
    bool fetched = false;
  };
  Placed& placed(std::int32_t group, std::int32_t phase, std::size_t rank) {
    return placed_[static_cast<std::size_t>(group * layer_.phases + phase) * order_.size() +
                   (weights_.one_for_all() ? 0 : rank)];
  }
  // Sends the blocks of the products from `rank` on, as many as travel together, on their way.
  void fetch(std::int32_t group, std::int32_t phase, std::size_t rank, const std::vector<bool>& needing);

  // One lane group of one tile: its sums, from the first pass until the vector unit has them.
  struct Unit {
    std::int32_t tile = 0, group = 0;
    std::uint64_t first = 0;         // place in the ring of partial sums, counted without end
    std::uint32_t sums = 0;          // first partial sum
    std::vector<Cycle> ready;        // by pixel of the tile: when other threads may use its sum
    std::vector<bool> done;          // by phase and rank
    std::size_t left = 0;            // passes that are not done
    std::vector<Cycle> inputs;       // by phase and rank: first start that its words allow; `unknown` at first
    std::vector<bool> begun;         // by phase
    std::vector<Cycle> second_pass;  // by phase and core: start of the second pass with any work for the core
    std::vector<bool> passed;        // by phase and core
  };
  static constexpr Cycle unknown = ~Cycle{0};
  std::size_t pass_index(std::int32_t phase, std::size_t rank) const {
    return static_cast<std::size_t>(phase) * order_.size() + rank;
  }
  // Opens the next unit when its sums have room beside those of the open ones; false when they have not, or when all
  // are open.
  bool open_next();
  // Cycles from a row of a tile to the next, in all cores.
  std::int32_t cycles_of_row(const Tile& tile) const { return (tile.width() + layer_.phases - 1) / layer_.phases; }
  // visit(core, its share of the unit's tile, its columns of the phase) for each core that takes part in the unit's
  // pass for the product of this rank.
  template <typename Visit>
  void for_each_core(const Unit& unit, std::int32_t phase, std::size_t rank, Visit visit) const {
    const Tile& tile = tiles_[static_cast<std::size_t>(unit.tile)];
    for (std::uint32_t core = 0; core < job_.parts.size(); ++core) {
      if (!works(core, tile, unit.group) ||
          order_[rank].word >= map::input_slice(layer_, job_.mapping, job_.parts[core].input_part).count())
        continue;
      if (const Columns columns = columns_of(core, tile, phase); columns.count > 0)
        visit(core, share(core, tile), columns);
    }
  }
  // A pass of an open unit, and when it could start as far as words and banks are concerned. Where the input's columns
  // lie in two banks, the taps of one column of the window (products of `ranks` ranks from `rank` on) make a pass
  // together, the pixels of one bank under all of them before those of the other: an instruction for each bank then,
  // instead of one for each bank and tap.
  struct Pass {
    std::size_t unit = 0, rank = 0, ranks = 1;
    std::int32_t phase = 0;
    std::vector<Need> needs;
    Cycle after_inputs = 0, after_sums = 0;  // first starts that words and partial sums allow
    Cycle length = 0;                        // cycles of the slowest core
    Cycle floor = 0, start = 0;              // behind the pass before; the first start when the weights are there
  };
  Pass pass_of(std::size_t unit, std::int32_t phase, std::size_t rank);
  // How many ranks from `rank` on make a pass together.
  std::size_t ranks_together(const Unit& unit, std::int32_t phase, std::size_t rank) const;
  // First start that the words of a pass allow.
  Cycle after_inputs(Unit& unit, std::int32_t phase, std::size_t rank) const;
  // Not yet done, and where the block stays for all tiles, done in the tiles before.
  bool may_go(const Unit& unit, std::int32_t phase, std::size_t rank) const;
  // That of the oldest unit, or of a later one that need not wait where that one must.
  Pass next_pass();
  // Fetches its weights and gives it its cycles.
  void place(const Pass& pass);
  // By pixel of the tile: when a pass that starts then issues its sum for the last time.
  std::vector<Cycle> last_issues(const Pass& pass, Cycle start) const;
  void count_waits(const Pass& pass, Cycle after_weights, Cycle start);
  // Adds a pass to passes_, which go into the plan first when they are another unit's or phase's.
  void add_instructions(const Pass& pass, Cycle start);
  // Puts passes_ into the plan.
  void flush();
  // Adds up the partial sums of input parts.
  void reduce(Unit& unit);
  // Has the vector unit make outputs of the unit's sums.
  void finish(const Unit& unit);

  Job& job_;
  const lower::Layer& layer_;
  WeightStreams& weights_;
  ConstantLoads constants_;
  MemoryPlan& memory_;
  RunState& state_;
  std::vector<Product> order_;
  std::vector<Tile> tiles_;
  std::vector<std::int32_t> last_tile_;  // by phase and core: number of its last tile with columns of the phase, or -1
  std::size_t fetched_together_ = 1;     // blocks
  std::int32_t groups_ = 0;              // of the fullest core
  bool stay_ = false;                    // all blocks fit into the weight buffer
  std::vector<Placed> placed_;           // by (lane group, phase, product)
  std::vector<Unit> units_;              // opened so far, tile by tile, lane group by lane group
  std::size_t finished_ = 0;             // of them; in their order
  Cycle finished_from_ = 0;              // the vector unit's events of the next unit begin then at the earliest
  std::uint64_t opened_sums_ = 0;        // of all units opened so far
  // Passes of one unit and phase that follow each other, not yet in the plan: by core.
  std::vector<std::vector<TimedInstruction>> passes_;
  std::size_t passing_ = 0;  // their unit
  std::int32_t passing_phase_ = 0;
};

}  // namespace northpole::schedule
