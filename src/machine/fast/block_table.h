// Weight blocks by what they hold: however often a program stores the same weights, and in however many cores they are
// used, the host has them once. A block of narrow weights becomes the blocks of its parts: 32 lanes of 32 weights of 8
// bit each, for the 32 activations of one part of an activation word.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <unordered_map>
#include <vector>

#include "machine/fast/data_flow.h"

namespace northpole::machine::fast {

// A block as multiply events use it.
struct WeightParts {
  struct Part {
    std::uint8_t number;  // of the activation word's parts
    std::uint32_t block;  // DataFlow::blocks
  };
  std::uint8_t count = 0;  // parts whose weights are all 0 add nothing and are left out
  std::array<Part, word_quarters> parts{};
};

class BlockTable {
 public:
  using Block = std::array<std::uint8_t, block_bytes>;

  // Parts of the block that `words` (32 * weight_bits / activation_bits of them, one behind the other) hold. New blocks
  // go to `blocks`.
  WeightParts parts(const std::vector<isa::Word>& words, std::uint32_t activation_bits, std::uint32_t weight_bits,
                    std::vector<Block>& blocks);

 private:
  std::uint32_t number(const Block& block, std::vector<Block>& blocks);

  std::unordered_multimap<std::uint64_t, std::uint32_t> numbers_;  // by a hash of the content
};

}  // namespace northpole::machine::fast
