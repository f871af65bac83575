// The cycles of a linear layer: for each pixel tile, for each lane group of the output, weight blocks arrive one after
// the other and the VMM passes all pixels under each, one a cycle; partial sums of input parts are added from east to
// west; the vector unit follows the last pass. All cores of a group go in step.
#pragma once

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
  const Cycle& written(std::uint32_t core, std::int32_t group, const Product& product, std::int32_t y,
                       std::int32_t x) const;
  std::int32_t first_word(std::uint32_t core, std::int32_t group) const;
  // Sends the blocks of the products from `rank` on, as many as travel together, on their way; their number.
  std::size_t fetch(std::int32_t group, std::int32_t phase, std::size_t rank, const std::vector<bool>& needing);
  void multiply(std::int32_t tile_number, std::int32_t group);
  void reduce(const Tile& tile, std::int32_t group);
  void finish(const Tile& tile, std::int32_t group);

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
  std::uint32_t sums_ = 0;               // first partial sum of the lane group in work
  std::vector<Cycle> sum_ready_;         // by pixel of the tile: when other threads may use its sum
  struct Placed {
    std::uint32_t ring = 0;
    Cycle there = 0, last_pass = 0;
  };
  std::vector<Placed> placed_;  // by (lane group, phase, product) while blocks stay
  Cycle last_pass_ = 0;
};

}  // namespace northpole::schedule
