#include "schedule/thread_timeline.h"

#include <algorithm>

#include "network/error.h"
#include "schedule/instruction_split.h"

namespace northpole::schedule {

ThreadTimeline::ThreadTimeline(std::vector<TimedInstruction> instructions)
    : instructions_(rolled(std::move(instructions))) {
  words_before_.push_back(0);
  for (const TimedInstruction& timed : instructions_) {
    if (!last_.empty() && timed.start <= last_.back())
      throw Error("internal: two instructions of one thread overlap in the plan of a run");
    start_.push_back(timed.start);
    last_.push_back(timed.last());
    words_before_.push_back(words_before_.back() + isa::encoded_words(timed.instruction));
  }
}

std::size_t ThreadTimeline::first_ending_at(std::uint64_t cycle) const {
  return static_cast<std::size_t>(std::lower_bound(last_.begin(), last_.end(), cycle) - last_.begin());
}

std::size_t ThreadTimeline::first_starting_at(std::uint64_t cycle) const {
  return static_cast<std::size_t>(std::lower_bound(start_.begin(), start_.end(), cycle) - start_.begin());
}

std::size_t ThreadTimeline::words(std::uint64_t from, std::uint64_t until) const {
  const std::size_t first = first_ending_at(from), end = first_starting_at(until);
  return end > first ? words_before_[end] - words_before_[first] : 0;
}

std::uint64_t ThreadTimeline::idle_from(std::uint64_t from) const {
  constexpr std::uint64_t cycles_for_a_loop = 12;  // that a thread rather waits than have one more loop cut
  std::uint64_t best = 0, best_cost = ~std::uint64_t{0};
  const auto consider = [&](std::uint64_t cycle, std::uint64_t cost) {
    if (cost < best_cost) {
      best_cost = cost;
      best = cycle;
    }
  };
  std::uint64_t cycle = from;
  for (std::size_t i = first_ending_at(from); i < instructions_.size() && start_[i] <= cycle; ++i) {
    if (cycle - from >= best_cost) return best;
    for (const IdleCycle& idle : idle_cycles(instructions_[i], cycle))
      consider(idle.cycle, idle.cycle - from + (idle.loop + 1) * cycles_for_a_loop);
    cycle = last_[i] + 1;
  }
  consider(cycle, cycle - from);
  return best;
}

std::vector<TimedInstruction> ThreadTimeline::part(std::uint64_t from, std::uint64_t until) const {
  std::vector<TimedInstruction> result;
  const std::size_t end = first_starting_at(until);
  for (std::size_t i = first_ending_at(from); i < end; ++i) {
    if (start_[i] >= from && last_[i] < until) {
      result.push_back(instructions_[i]);
      continue;
    }
    std::vector<TimedInstruction> kept = {instructions_[i]};
    if (start_[i] < from) kept = split_at(instructions_[i], from).after;
    for (const TimedInstruction& timed : kept) {
      if (timed.start >= until) continue;
      if (timed.last() < until) {
        result.push_back(timed);
      } else {
        const auto before = split_at(timed, until).before;
        result.insert(result.end(), before.begin(), before.end());
      }
    }
  }
  return result;
}

}  // namespace northpole::schedule
