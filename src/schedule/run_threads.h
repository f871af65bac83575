// A run as the writer of programs sees it: sets of cores that do the same (one core of each group), and what each
// thread does.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "program/program.h"
#include "schedule/run_plan.h"
#include "schedule/thread_timeline.h"

namespace northpole::schedule {

// Cores whose threads of_group() do the same, save for the rows that they send to: a set can share their sections.
struct CoreSet {
  std::vector<std::uint32_t> cores;       // in rising order
  std::vector<std::uint32_t> row_shifts;  // by core: how far the row masks of its sends are shifted
};

class RunThreads {
 public:
  // Throws Error where the plan holds what only programs may have (run_programs.h).
  RunThreads(const RunPlan& plan, const chip::ChipDescription& chip);

  const std::vector<CoreSet>& sets() const { return sets_; }
  // Masks of sends are those of the first core of the set.
  const ThreadTimeline& timeline(std::uint32_t core, isa::Thread thread) const;
  std::uint64_t end() const { return end_; }
  std::uint64_t last() const { return last_; }  // cycle of the last event

  // Words of the longest program of the events in [from, until).
  std::size_t words(std::uint64_t from, std::uint64_t until) const;
  // First cycle from which that is at most `limit`.
  std::uint64_t first_cut(std::uint64_t until, std::size_t limit) const;
  // The last cycle of the longest time in which all cores are idle that begins in [from, until), if it is at least
  // `least` cycles long; else `from`.
  std::uint64_t end_of_pause(std::uint64_t from, std::uint64_t until, std::uint64_t least) const;

 private:
  struct Pause {
    std::uint64_t first, end;
  };
  std::vector<CoreSet> sets_;
  std::array<std::vector<ThreadTimeline>, isa::thread_count> timelines_;  // by thread, then core (of a group)
  std::uint32_t group_cores_;
  std::uint32_t grouped_cores_;  // cores that belong to groups
  ThreadTimeline nothing_;
  std::vector<Pause> pauses_;
  std::uint64_t end_, last_ = 0;
};

}  // namespace northpole::schedule
