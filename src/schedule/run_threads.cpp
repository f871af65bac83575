#include "schedule/run_threads.h"

#include <algorithm>

#include "network/error.h"

namespace northpole::schedule {

using isa::Opcode;
using isa::Thread;

namespace {

constexpr std::uint64_t shortest_pause = 16;

void check_plain(const TimedInstruction& timed) {
  const Opcode opcode = timed.instruction.opcode;
  bool plain = timed.instruction.parameter_mask == 0 && opcode != Opcode::end && opcode != Opcode::switch_program &&
               opcode != Opcode::send_program && opcode != Opcode::parameters && opcode != Opcode::receive_program;
  for (const isa::Loop& loop : timed.instruction.loops) plain &= loop.parameter_mask == 0;
  if (!plain) throw Error("internal: the plan of a run holds switches, program loading or parameters");
}

}  // namespace

RunThreads::RunThreads(const RunPlan& plan, const chip::ChipDescription& chip)
    : group_cores_(plan.group_cores()), grouped_cores_(plan.group_cores() * plan.groups()), end_(plan.end()) {
  for (std::uint32_t core = 0; core < group_cores_; ++core) {
    CoreSet set;
    for (std::uint32_t group = 0; group < plan.groups(); ++group) {
      set.cores.push_back(core + group * group_cores_);
      set.row_shifts.push_back(group * plan.group_rows());
    }
    sets_.push_back(std::move(set));
  }
  for (std::uint32_t core = grouped_cores_; core < chip.cores(); ++core) sets_.push_back({{core}, {0}});
  // At the first and the last cycle of each instruction, by cycle: how many more are at work.
  std::vector<std::int32_t> change(end_ + 2, 0);
  for (std::size_t t = 0; t < isa::thread_count; ++t) {
    const auto thread = static_cast<Thread>(t);
    const std::uint32_t cores = RunPlan::of_group(thread) ? group_cores_ : chip.cores();
    timelines_[t].reserve(cores);
    for (std::uint32_t core = 0; core < cores; ++core) {
      auto list = plan.thread(core, thread);
      for (const TimedInstruction& timed : list) {
        check_plain(timed);
        last_ = std::max(last_, timed.last());
        ++change[timed.start];
        --change[timed.last() + 1];
      }
      timelines_[t].emplace_back(std::move(list));
    }
  }
  std::int32_t at_work = 0;
  std::uint64_t idle_since = 0;
  for (std::uint64_t cycle = 0; cycle < end_; ++cycle) {
    at_work += change[cycle];
    if (at_work == 0) continue;
    if (cycle - idle_since >= shortest_pause) pauses_.push_back({idle_since, cycle});
    idle_since = cycle + 1;
  }
}

const ThreadTimeline& RunThreads::timeline(std::uint32_t core, Thread thread) const {
  const auto& of_cores = timelines_[static_cast<std::size_t>(thread)];
  if (!RunPlan::of_group(thread)) return of_cores[core];
  return core < grouped_cores_ ? of_cores[core % group_cores_] : nothing_;
}

std::size_t RunThreads::words(std::uint64_t from, std::uint64_t until) const {
  std::size_t longest = 0;
  for (const CoreSet& set : sets_) {
    std::size_t common = 0, most = 0;
    for (std::size_t t = 0; t < isa::thread_count; ++t)
      if (RunPlan::of_group(static_cast<Thread>(t)))
        common += timeline(set.cores[0], static_cast<Thread>(t)).words(from, until);
    for (const std::uint32_t core : set.cores)
      most = std::max(
          most, timeline(core, Thread::memory).words(from, until) + timeline(core, Thread::weights).words(from, until));
    longest = std::max(longest, common + most);
  }
  return longest;
}

std::uint64_t RunThreads::first_cut(std::uint64_t until, std::size_t limit) const {
  std::uint64_t low = 0, high = until;  // the cut lies in [low, high]
  while (low < high) {
    const std::uint64_t middle = low + (high - low) / 2;
    if (words(middle, until) <= limit)
      high = middle;
    else
      low = middle + 1;
  }
  return low;
}

std::uint64_t RunThreads::end_of_pause(std::uint64_t from, std::uint64_t until, std::uint64_t least) const {
  std::uint64_t longest = 0, end = from;
  for (const Pause& pause : pauses_) {
    if (pause.end <= from || pause.first >= until) continue;
    if (pause.end - pause.first >= std::max(least, longest + 1)) {
      longest = pause.end - pause.first;
      end = pause.end - 1;
    }
  }
  return end;
}

}  // namespace northpole::schedule
