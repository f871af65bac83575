// Which words of each core's weight buffer are there, and who brought them. Takes of words from the model network lie
// up to 255 cycles ahead (skews), in a ring of lists by cycle.
#pragma once

#include <cstdint>
#include <vector>

#include "chip/chip_description.h"
#include "verify/actor.h"
#include "verify/reporter.h"
#include "verify/verify.h"
#include "verify/word_network.h"
#include "verify/zeroed_array.h"

namespace northpole::verify {

class WeightBuffers {
 public:
  WeightBuffers(const chip::ChipDescription& chip, Reporter& reporter, Counts& counts);

  // A multiply's use of block number `block` (any number, wraps) of blocks of 32 >> narrower words each (narrower: 0, 1
  // or 2); with `release` its words are empty from then on.
  void use(std::uint64_t cycle, const Actor& actor, std::uint32_t block, std::uint32_t narrower, bool release) {
    const std::uint32_t whole = (block >> narrower) % blocks_, words = chip::block_words >> narrower;
    const std::uint32_t first = (block & ((1u << narrower) - 1)) * words;
    const std::uint32_t needed = (all_words >> (chip::block_words - words)) << first;
    std::uint32_t& present = present_[std::size_t{actor.place} * blocks_ + whole];
    if ((needed & ~present) != 0) missing_words(cycle, actor, whole * chip::block_words + first, needed, present);
    if (release) present &= ~needed;
  }
  // Plans to take the word delivered on the lane in `skew` cycles (0: in this one, `cycle`) into weight word `word`.
  void plan_take(std::uint64_t cycle, std::uint32_t skew, const Actor& actor, std::uint32_t lane, std::uint32_t word) {
    if (skew >= takes_.size()) make_room(cycle, skew);
    takes_[(cycle + skew) % takes_.size()].push_back({actor, lane, word % (blocks_ * chip::block_words)});
    ++in_flight_;
  }
  // Does the takes of this cycle; after the cycle's releases.
  void take_all(std::uint64_t cycle, WordNetwork& model_network);

  std::uint64_t in_flight() const { return in_flight_; }
  void report_left_behind(std::uint64_t end_cycle);

 private:
  struct Take {
    Actor actor;
    std::uint32_t lane;
    std::uint32_t word;
  };
  static constexpr std::uint32_t all_words = 0xffffffff;

  void make_room(std::uint64_t cycle, std::uint32_t skew);
  [[gnu::cold, gnu::noinline]] void missing_words(std::uint64_t cycle, const Actor& actor, std::uint32_t first_word,
                                                  std::uint32_t needed, std::uint32_t present);

  Reporter& reporter_;
  Counts& counts_;
  std::uint32_t blocks_;
  ZeroedArray<std::uint32_t> present_;      // by core and block: a bit a word
  ZeroedArray<InstructionNumber> writers_;  // by core and word
  // By cycle, a ring (of a power of two) longer than any skew so far: all of it goes through the caches.
  std::vector<std::vector<Take>> takes_ = std::vector<std::vector<Take>>(16);
  std::uint64_t in_flight_ = 0;
};

}  // namespace northpole::verify
