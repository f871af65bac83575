// Who lies where in the data banks, and from when to when: words at one address in every core of a group.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "chip/chip_description.h"
#include "schedule/cycles.h"

namespace northpole::schedule {

struct Buffer {
  std::uint32_t base = 0, words = 0;
  Cycle free_from = 0;  // writes may begin then: whoever lay there before has been read to the end
};

class Buffers {
 public:
  // `limit`: words of each bank that buffers may use, from its bottom.
  Buffers(const chip::ChipDescription& chip, std::vector<std::uint32_t> limit);

  // Takes words in one of `banks`, listed in order of preference: each place further down the list counts as much as being
  // free `price` cycles after `wanted`. Throws Error naming the layer and the lacking words when none has room.
  Buffer take(const std::vector<std::uint32_t>& banks, std::uint32_t words, Cycle wanted, Cycle price,
              const std::string& layer);
  // The last access to it is in the cycle before `from`.
  void release(const Buffer& buffer, Cycle from);
  // Most words in use at a time, in all banks.
  std::uint32_t most_used() const { return most_; }

 private:
  static constexpr Cycle held = ~Cycle{0};
  std::uint32_t bank_words_;
  std::vector<std::vector<Cycle>> free_from_;  // by bank and word; held while in use
  std::uint32_t used_ = 0, most_ = 0;
};

}  // namespace northpole::schedule
