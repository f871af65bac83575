// The weight buffers of all cores: words as they arrive, and blocks as the product's kernel likes them.
#pragma once

#include <cstdint>
#include <cstring>
#include <optional>
#include <vector>

#include "chip/chip_description.h"
#include "isa/instruction.h"
#include "machine/block_product.h"
#include "machine/step/zeroed_array.h"

namespace northpole::machine::step {

// A block of narrow elements among a core's weight words: `words` words (8, 16 or 32) from `first` on of the 32 words
// `index`. It holds 256 / activation_bits weights a lane, so the product takes that many activations.
struct NarrowBlock {
  std::size_t index;
  std::uint32_t first, words;
  std::uint8_t activation_bits, weight_bits;

  // A bit for each of its words.
  std::uint32_t mask() const { return (~std::uint32_t{0} >> (32 - words)) << first; }
};

class WeightBuffers {
 public:
  WeightBuffers(std::uint32_t cores, std::uint32_t blocks)
      : count_(blocks),
        blocks_(std::size_t{cores} * blocks),
        unpacked_(std::size_t{cores} * blocks * unpacked_blocks),
        there_(std::size_t{cores} * blocks),
        prepared_(std::size_t{cores} * blocks),
        unpacked_bits_(std::size_t{cores} * blocks),
        unpacked_there_(std::size_t{cores} * blocks) {}

  // Of 32 words: a block of 8-bit elements, or several narrow ones.
  std::size_t index(std::uint32_t core, std::uint32_t block) const { return std::size_t{core} * count_ + block; }
  bool complete(std::size_t index) const { return there_[index] == ~std::uint32_t{0}; }
  bool complete(const NarrowBlock& narrow) const { return (narrow.mask() & ~there_[narrow.index]) == 0; }
  bool holds(std::size_t index, std::uint32_t lane) const { return there_[index] >> lane & 1; }
  void write(std::size_t index, std::uint32_t lane, const isa::Word& word) {
    std::memcpy(blocks_[index].weights + lane * chip::word_bytes, word.data(), word.size());
    there_[index] |= 1u << lane;
  }
  // The complete block, in the order that the kernel likes.
  const WeightBlock& block(std::size_t index, const BlockKernel& kernel) {
    if (!prepared_[index]) {
      kernel.prepare(blocks_[index]);
      prepared_[index] = 1;
    }
    return blocks_[index];
  }
  // The complete block of narrow elements as 8 / activation_bits blocks of bytes, each for 32 activations in turn.
  const WeightBlock* blocks(const NarrowBlock& narrow, const BlockKernel& kernel);
  void release(std::size_t index) {
    there_[index] = 0;
    prepared_[index] = 0;
    unpacked_there_[index] = 0;
  }
  // After blocks(): the words lie in their own order.
  void release(const NarrowBlock& narrow) {
    there_[narrow.index] &= ~narrow.mask();
    unpacked_there_[narrow.index] &= ~narrow.mask();
  }
  void forget() {
    std::fill(there_.begin(), there_.end(), 0);
    std::fill(prepared_.begin(), prepared_.end(), std::uint8_t{0});
    std::fill(unpacked_there_.begin(), unpacked_there_.end(), 0);
  }
  // The first block that still holds a word.
  std::optional<std::size_t> left_behind() const {
    for (std::size_t i = 0; i < there_.size(); ++i) {
      if (there_[i]) return i;
    }
    return std::nullopt;
  }

 private:
  static constexpr std::size_t unpacked_blocks = 4;  // 32 words of 2-bit weights are four times as many bytes

  std::uint32_t count_;
  ZeroedArray<WeightBlock> blocks_;
  ZeroedArray<WeightBlock> unpacked_;
  std::vector<std::uint32_t> there_;  // a bit for each word
  std::vector<std::uint8_t> prepared_;
  std::vector<std::uint16_t> unpacked_bits_;   // the widths for which `unpacked_` holds blocks
  std::vector<std::uint32_t> unpacked_there_;  // a bit for each word that it holds unpacked
};

}  // namespace northpole::machine::step
