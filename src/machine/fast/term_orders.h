// The same blocks in another order are the same product: sums do not depend on it, but cores may have brought up their
// weights in different orders. Each set of blocks keeps the order in which it was first seen.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "machine/fast/sequence_table.h"

namespace northpole::machine::fast {

class TermOrders {
 public:
  // The number in `lists` of the sequence `blocks` in its set's order. Where that is another one, values are moved in
  // the same way.
  std::uint32_t ordered(std::span<const std::uint32_t> blocks, std::vector<std::uint32_t>& values,
                        SequenceTable& lists);

 private:
  struct Order {
    std::uint32_t list = 0;              // in its set's order
    std::vector<std::uint32_t> sources;  // where each of that order is in this one; empty: the same order
  };
  SequenceTable seen_;                // sequences as they came
  std::vector<Order> orders_;         // by number of `seen_`
  SequenceTable sets_;                // sorted
  std::vector<std::uint32_t> first_;  // of each set: sequence in `seen_`
  std::vector<std::uint32_t> scratch_;
};

}  // namespace northpole::machine::fast
