// What one thread does in a whole run, rolled into loops, for cutting it in time.
#pragma once

#include <cstdint>
#include <vector>

#include "schedule/timed_instruction.h"

namespace northpole::schedule {

class ThreadTimeline {
 public:
  ThreadTimeline() = default;
  // Instructions in order of time, whose spans do not overlap.
  explicit ThreadTimeline(std::vector<TimedInstruction> instructions);

  // Words that the events in [from, until) would take in a program: a few more where instructions are cut, or fewer.
  std::size_t words(std::uint64_t from, std::uint64_t until) const;
  // An idle cycle at or soon after `from`, where the thread may switch programs: a little later rather than deep inside
  // of loops, as each loop that is cut costs words.
  std::uint64_t idle_from(std::uint64_t from) const;
  // The events in [from, until): both are idle cycles, or the beginning or end of all.
  std::vector<TimedInstruction> part(std::uint64_t from, std::uint64_t until) const;

 private:
  std::size_t first_ending_at(std::uint64_t cycle) const;  // first instruction whose last event is at or after it
  std::size_t first_starting_at(std::uint64_t cycle) const;

  std::vector<TimedInstruction> instructions_;
  std::vector<std::uint64_t> start_, last_;
  std::vector<std::size_t> words_before_;  // one more than instructions
};

}  // namespace northpole::schedule
