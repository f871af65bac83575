// When each thread has its next event: a calendar of the coming cycles with the threads of each, by kind of thread.
//
// A thread waits for one event at a time, so a cycle's threads are a chain through an array and nothing is allocated.
// Which threads share a cycle and in what order is determined by the order of the calls alone.
#pragma once

#include <array>
#include <bit>
#include <cstdint>
#include <queue>
#include <utility>
#include <vector>

namespace northpole::machine::step {

class EventWheel {
 public:
  static constexpr std::uint64_t horizon = 2048;  // cycles that the calendar shows
  static constexpr std::uint32_t kinds = 10;      // eight threads of a core, two of an edge unit
  static constexpr std::uint32_t none = 0xffff;
  static constexpr std::uint64_t never = ~std::uint64_t{0};

  explicit EventWheel(std::uint32_t threads) : next_(threads, none) {
    for (auto& chains : first_) chains.fill(none);
  }

  // Puts the thread's next event into `cycle`, which lies after `now` (or is `now` before it is taken).
  void schedule(std::uint64_t now, std::uint32_t kind, std::uint32_t thread, std::uint64_t cycle) {
    if (cycle - now >= horizon) {
      far_.push({cycle, kind << 16 | thread});
      return;
    }
    insert(kind, thread, cycle);
  }

  // Something else happens in `cycle`, less than `horizon` after now: it will not be skipped.
  void mark(std::uint64_t cycle) { busy_[(cycle % horizon) / 64] |= std::uint64_t{1} << (cycle % 64); }

  // The first cycle from `from` on in which something happens, or never. Nothing before `from` may be left.
  std::uint64_t next(std::uint64_t from) {
    std::uint64_t cycle = next_marked(from);
    if (!far_.empty()) cycle = std::min(cycle, far_.top().first);
    return cycle;
  }

  // Starts a cycle: brings far events near enough, and forgets that this cycle is marked.
  void begin(std::uint64_t cycle) {
    while (!far_.empty() && far_.top().first - cycle < horizon) {
      insert(far_.top().second >> 16, far_.top().second & 0xffff, far_.top().first);
      far_.pop();
    }
    busy_[(cycle % horizon) / 64] &= ~(std::uint64_t{1} << (cycle % 64));
  }

  // Takes the chain of threads of a kind that have their event in this cycle: the first one, then following() of each.
  std::uint32_t take(std::uint64_t cycle, std::uint32_t kind) {
    return std::exchange(first_[cycle % horizon][kind], static_cast<std::uint16_t>(none));
  }
  std::uint32_t following(std::uint32_t thread) const { return next_[thread]; }

 private:
  void insert(std::uint32_t kind, std::uint32_t thread, std::uint64_t cycle) {
    std::uint16_t& first = first_[cycle % horizon][kind];
    next_[thread] = first;
    first = static_cast<std::uint16_t>(thread);
    mark(cycle);
  }

  std::uint64_t next_marked(std::uint64_t from) const {
    constexpr std::uint64_t words = horizon / 64;
    std::uint64_t word = (from % horizon) / 64;
    std::uint64_t bits = busy_[word] & (~std::uint64_t{0} << (from % 64));
    const std::uint64_t start = from - from % 64;
    for (std::uint64_t i = 0; i <= words; ++i) {
      if (bits != 0) return start + 64 * i + static_cast<std::uint64_t>(std::countr_zero(bits));
      word = (word + 1) % words;
      bits = busy_[word];
    }
    return never;
  }

  using Far = std::pair<std::uint64_t, std::uint32_t>;
  std::array<std::array<std::uint16_t, kinds>, horizon> first_;
  std::array<std::uint64_t, horizon / 64> busy_{};
  std::vector<std::uint16_t> next_;
  std::priority_queue<Far, std::vector<Far>, std::greater<Far>> far_;
};

}  // namespace northpole::machine::step
