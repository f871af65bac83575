// Random plans of runs that are sound by construction: words travel between the cores of a group, memory threads copy
// words. Each thread has a bank of its own: memory reads the last one and writes bank 0, send reads bank 1, receive
// writes bank 2.
#pragma once

#include <cstdint>
#include <map>
#include <random>
#include <set>
#include <vector>

#include "schedule/memory_plan.h"
#include "schedule/route.h"
#include "schedule/run_plan.h"
#include "schedule/run_programs.h"

namespace northpole::schedule {

struct RandomRun {
  std::uint32_t group_rows = 1;
  std::uint64_t cycles = 1000;                 // in which events start
  std::uint32_t transfers = 100, copies = 20;  // attempts, by core
  std::uint32_t longest_loop = 6;
  bool nothing_in_the_middle = false;
};

inline constexpr std::uint16_t random_word_tag = 3;  // words of the image
inline constexpr std::uint16_t random_moved_tag = 4;

class RandomRunPlanner {
 public:
  RandomRunPlanner(const chip::ChipDescription& chip, const RandomRun& run, MemoryPlan& memory, unsigned seed)
      : chip_(chip), run_(run), random_(seed), group_cores_(run.group_rows * chip.columns) {
    constexpr std::uint32_t words = 64;
    for (std::uint32_t core = 0; core < chip.cores(); ++core) {
      source_ = memory.place(core, memory.static_bank(), random_word_tag, std::vector<isa::Word>(words));
      sent_ = memory.place(core, 1, random_word_tag, std::vector<isa::Word>(words));
    }
    for (std::uint32_t core = 0; core < group_cores_; ++core)
      for (std::uint32_t i = 0; i < run.transfers; ++i) add_transfer(core);
    for (std::uint32_t core = 0; core < chip.cores(); ++core)
      for (std::uint32_t i = 0; i < run.copies; ++i) add_copy(core);
  }
  // With pauses, each in the cycles of the plan that has those before it: what would go on in one is left out.
  RunPlan plan(const std::vector<NeedsPause>& pauses = {}) const {
    RunPlan result(chip_, run_.group_rows);
    std::uint64_t end = run_.cycles;
    for (Work work : works_) {
      for (const NeedsPause& pause : pauses) move(work, pause);
      for (const Step& step : work) {
        result.add(step.core, step.thread, step.start, step.instruction);
        end = std::max(end, step.start + span(step.instruction) + 2);
      }
    }
    result.lasts_until(end);
    return result;
  }

 private:
  struct Step {
    std::uint32_t core;
    isa::Thread thread;
    std::uint64_t start;
    isa::Instruction instruction;
  };
  using Work = std::vector<Step>;  // what belongs together

  static void move(Work& work, const NeedsPause& pause) {
    bool before = true, after = true;
    for (const Step& step : work) {
      before &= step.start + span(step.instruction) < pause.cycle;
      after &= step.start >= pause.cycle;
    }
    if (after)
      for (Step& step : work) step.start += pause.cycles;
    else if (!before)
      work.clear();
  }

  std::uint32_t below(std::uint32_t limit) { return static_cast<std::uint32_t>(random_() % limit); }

  // Up to two loops, whose events keep within 64 words.
  isa::Instruction nest(isa::Opcode opcode) {
    isa::Instruction instruction;
    instruction.opcode = opcode;
    std::uint32_t body = 1;
    for (std::uint32_t i = below(3); i-- > 0;) {
      isa::Loop loop;
      loop.count = static_cast<std::uint16_t>(1 + below(run_.longest_loop));
      loop.interval = body + (below(2) ? below(4) : 0);
      loop.stride[0] = static_cast<std::int16_t>(below(3));
      body += (loop.count - 1U) * loop.interval;
      instruction.loops.insert(instruction.loops.begin(), loop);
    }
    return instruction;
  }
  std::vector<std::uint64_t> cycles_of(const isa::Instruction& instruction) {
    std::vector<std::uint64_t> cycles = {0};
    for (const isa::Loop& loop : instruction.loops) {
      std::vector<std::uint64_t> next;
      for (const std::uint64_t cycle : cycles)
        for (std::uint32_t i = 0; i < loop.count; ++i) next.push_back(cycle + std::uint64_t{i} * loop.interval);
      cycles = std::move(next);
    }
    return cycles;
  }
  std::uint64_t random_start() {
    const auto start = random_() % run_.cycles;
    return run_.nothing_in_the_middle && start > run_.cycles / 4 && start < run_.cycles * 3 / 4 ? start / 4 : start;
  }

  using Taken = std::set<std::uint64_t>;
  static bool span_free(const Taken& taken, std::uint64_t first, std::uint64_t last) {
    const auto next = taken.lower_bound(first);
    return next == taken.end() || *next > last;
  }
  static void take_span(Taken& taken, std::uint64_t first, std::uint64_t last) {
    for (std::uint64_t cycle = first; cycle <= last; ++cycle) taken.insert(cycle);
  }

  void add_transfer(std::uint32_t core) {
    isa::Instruction send = nest(isa::Opcode::send);
    const Destination to{1 + below((1U << chip_.columns) - 1), 1 + below((1U << run_.group_rows) - 1)};
    const Route route = route_from_core(core, to, chip_, 1);
    const std::uint64_t start = random_start(), length = span(send);
    const auto cycles = cycles_of(send);
    bool free = span_free(threads_[{core, 0}], start, start + length);
    for (const Hop& hop : route.deliveries)
      free &= span_free(threads_[{hop.index, 1}], start + hop.offset, start + hop.offset + length);
    for (const Hop& hop : route.links)
      for (const std::uint64_t cycle : cycles) free &= !links_[hop.index].contains(start + hop.offset + cycle);
    if (!free) return;
    take_span(threads_[{core, 0}], start, start + length);
    for (const Hop& hop : route.deliveries)
      take_span(threads_[{hop.index, 1}], start + hop.offset, start + hop.offset + length);
    for (const Hop& hop : route.links)
      for (const std::uint64_t cycle : cycles) links_[hop.index].insert(start + hop.offset + cycle);
    send.operand[0] = static_cast<std::uint16_t>(sent_ + below(8));
    send.tensor[0] = random_word_tag;
    send.immediate = {to.columns, to.rows};
    isa::Instruction receive;
    receive.opcode = isa::Opcode::receive;
    receive.loops = send.loops;
    for (isa::Loop& loop : receive.loops) loop.stride = {0, 0, 0, loop.stride[0]};
    receive.operand[3] = static_cast<std::uint16_t>(2 * chip_.bank_words + below(100));
    receive.tensor[3] = random_moved_tag;
    Work work = {{core, isa::Thread::send, start, send}};
    for (const Hop& hop : route.deliveries)
      work.push_back({hop.index, isa::Thread::receive, start + hop.offset, receive});
    works_.push_back(std::move(work));
  }

  void add_copy(std::uint32_t core) {
    isa::Instruction copy = nest(isa::Opcode::copy);
    const std::uint64_t start = random_start(), length = span(copy);
    if (!span_free(threads_[{core, 2}], start, start + length)) return;
    take_span(threads_[{core, 2}], start, start + length);
    for (isa::Loop& loop : copy.loops) loop.stride[1] = loop.stride[0];
    copy.operand = {static_cast<std::uint16_t>(source_ + below(8)), static_cast<std::uint16_t>(below(100)), 0, 0};
    copy.tensor = {random_word_tag, random_moved_tag, 0, 0};
    works_.push_back({{core, isa::Thread::memory, start, copy}});
  }

  const chip::ChipDescription& chip_;
  const RandomRun run_;
  std::mt19937 random_;
  const std::uint32_t group_cores_;
  std::vector<Work> works_;
  std::uint32_t source_ = 0, sent_ = 0;
  std::map<std::pair<std::uint32_t, int>, Taken> threads_;  // core and thread: send, receive, memory
  std::map<std::uint32_t, Taken> links_;
};

}  // namespace northpole::schedule
