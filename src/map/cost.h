// What a layer costs in a mapping: cycles of the busiest unit, port or link of a group for each resource, exact as long
// as the schedule is the regular one:
//
//   for each pixel tile of the core's tile: for each lane group: for each (tap, input word): one weight block stays
//   while the VMM passes all pixels of the pixel tile, one a cycle.
//
// All groups do the same at the same time, so that these are also the cycles of the array.
#pragma once

#include <cstdint>
#include <string_view>

#include "map/mapping.h"

namespace northpole::map {

// How a core's tile is passed, piece by piece: at most partial_sums / 2 pixels at a time, so that the vector unit
// empties one half of the partial sums while the VMM fills the other. Whole rows where a row fits, else parts of one
// row.
struct PixelTiles {
  std::int32_t height = 1, width = 1;  // of a pixel tile, of all but those at the edge
  std::int32_t down = 1, across = 1;   // their number
  std::int32_t count() const { return down * across; }
};
PixelTiles pixel_tiles(const Mapping& mapping, const chip::ChipDescription& chip);

struct Cost {
  std::uint64_t arithmetic = 0;    // VMM issues, and what shorter phases of a row leave idle
  std::uint64_t weights = 0;       // weight words at full width, into a core or over a vertical link
  std::uint64_t activations = 0;   // words received by a core or over a link
  std::uint64_t partial_sums = 0;  // cycles of a partial-sum link
  std::uint64_t vector = 0;        // cycles of a vector unit: its events, and what it waits between sums from a link
  std::uint64_t memory = 0;        // accesses of the banks that hold activations, spread evenly

  std::uint64_t own_bound() const;
  // Everything but activations: from the first to the last issue when inputs are there.
  std::uint64_t compute() const;
  // The largest's name as reports print it: "arithmetic", "weights", "activations", "partial sums", "vector unit",
  // "memory".
  std::string_view bound() const;
  bool operator==(const Cost&) const = default;
};

// Does every lane group use one and the same weight block for all its products, as in an average? Then it comes once.
bool one_block_for_all(const lower::Layer& layer);
// Words of a weight block: 32 lanes by the channels of an activation word, at the width of the weights.
std::int32_t weight_block_words(const lower::Layer& layer);

// The costs of one layer in any mapping.
class CostModel {
 public:
  CostModel(const lower::Layer& layer, const lower::StoredTensor& output, const chip::ChipDescription& chip,
            std::uint32_t group_rows);

  // Here `activations` is what the fullest core receives when it holds nothing of its inputs in place; plan_mappings()
  // puts in what really travels.
  Cost operator()(const Mapping& mapping) const;
  // Cost::memory of the fullest core when `transferred` activation words arrive in it or leave it.
  std::uint64_t memory_cycles(const Mapping& mapping, std::uint64_t transferred) const;

  // Weight blocks that the fullest core takes for one pixel tile. When they fit into the weight buffer, with one more,
  // they stay there for all pixel tiles, else they come again for each.
  std::uint64_t weight_blocks_of_core(const Mapping& mapping) const;
  bool weights_stay(const Mapping& mapping) const;

  // Cycles of the vector unit for constants; do all of them fit into half the registers, so that they can be loaded
  // before the layer begins?
  std::uint64_t constant_loads(const Mapping& mapping) const;
  bool constants_stay(const Mapping& mapping) const;

  // Lane groups of the fullest core, and the VMM's cycles for one of them in one pixel tile.
  std::uint64_t lane_groups_of_core(const Mapping& mapping) const;
  std::uint64_t cycles_of_lane_group(const Mapping& mapping) const;

 private:
  std::uint64_t cycles_of_pixels(const Mapping& mapping) const;
  std::uint64_t weight_cycles(const Mapping& mapping) const;
  std::uint64_t blocks_of_group(const Mapping& mapping) const;

  const lower::Layer& layer_;
  const lower::StoredTensor& output_;
  chip::ChipDescription chip_;
  std::uint32_t group_rows_;
  bool one_block_;
};
Cost cost(const lower::Layer& layer, const lower::StoredTensor& output, const Mapping& mapping,
          const chip::ChipDescription& chip, std::uint32_t group_rows);

// Words that the fullest core needs at once: its gathered inputs, and its output. A buffer lies within one bank.
struct MemoryNeed {
  std::uint64_t inputs = 0, output = 0;
  std::uint64_t largest_buffer = 0;
  std::uint64_t total() const { return inputs + output; }
};
MemoryNeed memory_need(const lower::Layer& layer, const lower::StoredTensor& output, const Mapping& mapping);
// Words of a core for activations: all banks but the one for weights, programs and constants.
std::uint64_t activation_words(const chip::ChipDescription& chip);

}  // namespace northpole::map
