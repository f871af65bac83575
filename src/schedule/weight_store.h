// A linear layer's weights in the cores' memories, once on the chip, and their way to the cores that use them.
//
// Weights travel in chunks of at most half the weight buffer. A chunk of one output and input part lies striped over up
// to four of the cores that use it: with four lanes, word w of a chunk lies in stripe w % 4.
#pragma once

#include <cstdint>
#include <vector>

#include "schedule/layer_placement.h"

namespace northpole::schedule {

// Output blocks [block_first, block_last) of every part (counted within the part), of the products [product_first,
// product_last) of each. Product k of an output block: (window row, window column, view block of the input part), the
// last fastest.
struct Chunk {
  std::int32_t block_first = 0, block_last = 0, product_first = 0, product_last = 0;
  // Weight blocks of each output block: one for each product, or one for all where they are equal, as in an average.
  std::int32_t stored = 0;
  std::int32_t products() const { return product_last - product_first; }
};

class WeightStore {
 public:
  WeightStore(const LayerPlacement& placement, MemoryPlan& memory, const chip::ChipDescription& chip);

  const std::vector<Chunk>& chunks() const { return chunks_; }
  std::int32_t products() const { return products_; }

  // Sends a chunk to all cores whose output has row `row` (of the tile), into the weight buffer from block `ring` on;
  // nothing arrives before `not_before`. Returns the first cycle in which all of it is there.
  std::uint64_t bring(SegmentPlan& segment, std::size_t chunk, std::uint32_t ring, std::uint64_t not_before,
                      std::int32_t row) const;

 private:
  struct Stripe {
    std::uint32_t core, address;
  };
  struct Stored {  // of one part
    std::vector<Stripe> stripes;
    std::uint32_t words = 0;  // of each stripe
  };
  struct Group {
    std::int32_t output_part = 0, input_part = 0;
    std::int32_t blocks = 0;
    std::vector<std::uint32_t> cores;
    std::vector<Stored> chunks;
  };
  std::vector<isa::Word> words_of(const Group& group, const Chunk& chunk) const;

  const LayerPlacement& placement_;
  const chip::ChipDescription& chip_;
  std::int32_t products_ = 0;
  std::vector<Chunk> chunks_;
  std::vector<Group> groups_;
};

}  // namespace northpole::schedule
