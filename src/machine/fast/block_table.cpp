#include "machine/fast/block_table.h"

#include <xxhash.h>

#include <algorithm>
#include <cstring>

namespace northpole::machine::fast {

WeightParts BlockTable::parts(const std::vector<isa::Word>& words, std::uint32_t activation_bits,
                              std::uint32_t weight_bits, std::vector<Block>& blocks) {
  const std::uint8_t* bytes = words.front().data();  // words lie without gaps
  const std::size_t lane_bytes = chip::word_bytes * weight_bits / activation_bits;
  const std::size_t part_bytes = chip::lanes * weight_bits / 8;
  WeightParts result;
  for (std::uint8_t part = 0; part < 8 / activation_bits; ++part) {
    Block block;
    for (std::size_t lane = 0; lane < chip::lanes; ++lane) {
      const std::uint8_t* weights = bytes + lane * lane_bytes + part * part_bytes;
      std::uint8_t* unpacked = block.data() + lane * chip::word_bytes;
      if (weight_bits == 8) {
        std::memcpy(unpacked, weights, chip::word_bytes);
      } else {
        unpack_elements(weights, weight_bits, true, chip::word_bytes, unpacked);
      }
    }
    if (std::ranges::all_of(block, [](std::uint8_t weight) { return weight == 0; })) continue;
    result.parts[result.count++] = {part, number(block, blocks)};
  }
  return result;
}

std::uint32_t BlockTable::number(const Block& block, std::vector<Block>& blocks) {
  const std::uint64_t hash = XXH3_64bits(block.data(), block.size());
  const auto [first, last] = numbers_.equal_range(hash);
  for (auto at = first; at != last; ++at) {
    if (blocks[at->second] == block) return at->second;
  }
  const auto number = static_cast<std::uint32_t>(blocks.size());
  blocks.push_back(block);
  numbers_.emplace(hash, number);
  return number;
}

}  // namespace northpole::machine::fast
