// The cycles in which one thing is busy: a thread, a link, a bank.
#pragma once

#include <cstdint>
#include <vector>

namespace northpole::schedule {

using Cycle = std::uint64_t;

class Cycles {
 public:
  // First cycle in [from, limit) that is busy; limit if there is none.
  Cycle next_busy(Cycle from, Cycle limit) const;
  Cycle next_free(Cycle from) const;
  // First start at or after `from` such that cycles start, start + step, ... (count of them) are free.
  Cycle first_free(Cycle from, Cycle count, Cycle step = 1) const;
  void mark(Cycle first, Cycle count, Cycle step = 1);
  // Takes back mark() of cycles that were free before.
  void clear(Cycle first, Cycle count, Cycle step = 1);

 private:
  bool busy(Cycle cycle) const {
    const Cycle word = cycle / 64;
    return word < bits_.size() && (bits_[word] >> (cycle % 64) & 1U) != 0;
  }
  std::vector<std::uint64_t> bits_;
  // For 64 words of bits_ each: those that are all busy.
  std::vector<std::uint64_t> full_;
};

// Something that an operation keeps busy from `offset` cycles after its start on: `count` cycles, `step` apart.
struct Need {
  Cycles* cycles = nullptr;
  Cycle offset = 0, count = 1, step = 1;
};

// First start at or after `from` at which all of it is free.
Cycle earliest(const std::vector<Need>& needs, Cycle from);
void take(const std::vector<Need>& needs, Cycle start);
// Takes back take().
void give_back(const std::vector<Need>& needs, Cycle start);

}  // namespace northpole::schedule
