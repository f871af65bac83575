#include "schedule/cycles.h"

#include <algorithm>
#include <bit>

namespace northpole::schedule {

Cycle Cycles::next_busy(Cycle from, Cycle limit) const {
  Cycle word = from / 64;
  if (from >= limit || word >= bits_.size()) return limit;
  std::uint64_t rest = bits_[word] >> (from % 64);
  if (rest != 0) return std::min(limit, from + static_cast<Cycle>(std::countr_zero(rest)));
  for (++word; word < bits_.size() && word * 64 < limit; ++word)
    if (bits_[word] != 0) return std::min(limit, word * 64 + static_cast<Cycle>(std::countr_zero(bits_[word])));
  return limit;
}

Cycle Cycles::next_free(Cycle from) const {
  for (Cycle word = from / 64; word < bits_.size();) {
    const auto busy = static_cast<Cycle>(std::countr_one(bits_[word] >> (from % 64)));
    if (busy < 64 - from % 64) return from + busy;
    // Over words that are all busy, many at a time.
    for (++word; word < bits_.size();) {
      const Cycle within = word % 64, full = static_cast<Cycle>(std::countr_one(full_[word / 64] >> within));
      word += std::min(full, 64 - within);
      if (full < 64 - within) break;
    }
    from = word * 64;
  }
  return from;
}

Cycle Cycles::first_free(Cycle from, Cycle count, Cycle step) const {
  if (step == 1) {
    for (;;) {
      const Cycle start = next_free(from);
      const Cycle end = next_busy(start, start + count);
      if (end == start + count) return start;
      from = end;
    }
  }
  Cycle start = from;
  for (Cycle k = 0; k < count;) {
    const Cycle cycle = start + k * step;
    if (cycle / 64 >= bits_.size()) return start;
    if (!busy(cycle)) {
      ++k;
      continue;
    }
    start += next_free(cycle) - cycle;
    k = 0;
  }
  return start;
}

void Cycles::mark(Cycle first, Cycle count, Cycle step) {
  if (count == 0) return;
  const Cycle last = first + (count - 1) * step;
  if (bits_.size() * 64 <= last) {
    bits_.resize(std::max<std::size_t>(last / 64 + 1, bits_.size() * 5 / 4), 0);
    full_.resize(bits_.size() / 64 + 1, 0);
  }
  const auto set = [&](Cycle word, std::uint64_t ones) {
    bits_[word] |= ones;
    if (bits_[word] == ~std::uint64_t{0}) full_[word / 64] |= std::uint64_t{1} << (word % 64);
  };
  if (step != 1) {
    for (Cycle cycle = first; cycle <= last; cycle += step) set(cycle / 64, std::uint64_t{1} << (cycle % 64));
    return;
  }
  for (Cycle cycle = first; cycle <= last;) {
    const Cycle shift = cycle % 64, run = std::min<Cycle>(64 - shift, last + 1 - cycle);
    const std::uint64_t ones = run == 64 ? ~std::uint64_t{0} : (std::uint64_t{1} << run) - 1;
    set(cycle / 64, ones << shift);
    cycle += run;
  }
}

void Cycles::clear(Cycle first, Cycle count, Cycle step) {
  for (Cycle k = 0; k < count;) {
    const Cycle cycle = first + k * step, word = cycle / 64;
    full_[word / 64] &= ~(std::uint64_t{1} << (word % 64));
    for (; k < count && (first + k * step) / 64 == word; ++k)
      bits_[word] &= ~(std::uint64_t{1} << ((first + k * step) % 64));
  }
}

Cycle earliest(const std::vector<Need>& needs, Cycle from) {
  for (std::size_t settled = 0, i = 0; settled < needs.size(); i = (i + 1) % needs.size()) {
    const Need& need = needs[i];
    const Cycle start = need.cycles->first_free(from + need.offset, need.count, need.step) - need.offset;
    settled = start == from ? settled + 1 : 1;
    from = start;
  }
  return from;
}

void take(const std::vector<Need>& needs, Cycle start) {
  for (const Need& need : needs) need.cycles->mark(start + need.offset, need.count, need.step);
}

void give_back(const std::vector<Need>& needs, Cycle start) {
  for (const Need& need : needs) need.cycles->clear(start + need.offset, need.count, need.step);
}

}  // namespace northpole::schedule
