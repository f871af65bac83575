#include "schedule/program_segment.h"

#include <algorithm>

#include "schedule/instruction_split.h"

namespace northpole::schedule {

using isa::Thread;

namespace {

constexpr std::size_t number(Thread thread) { return static_cast<std::size_t>(thread); }

// Threads that are alike in all cores of a set; sends but for the rows, weights but for times.
constexpr std::array<Thread, 6> sharable = {Thread::vmm,  Thread::vector,       Thread::receive,
                                            Thread::send, Thread::partial_sums, Thread::weights};

struct Switches {
  std::uint64_t first = 0;
  std::array<std::uint64_t, isa::thread_count> common{};
  std::vector<std::uint64_t> memory, weights;  // by core of the set
  std::uint64_t last = 0;
};

// Idle cycles from `from` on in which the threads of a set switch.
Switches switches_from(const RunThreads& threads, const CoreSet& set, std::uint64_t from) {
  Switches result;
  result.first = result.last = from;
  const auto idle = [&](std::uint32_t core, Thread thread) {
    const std::uint64_t cycle = threads.timeline(core, thread).idle_from(from);
    result.last = std::max(result.last, cycle);
    return cycle;
  };
  for (std::size_t t = 0; t < isa::thread_count; ++t)
    result.common[t] = RunPlan::of_group(static_cast<Thread>(t)) ? idle(set.cores[0], static_cast<Thread>(t)) : from;
  for (const std::uint32_t core : set.cores) {
    result.memory.push_back(idle(core, Thread::memory));
    result.weights.push_back(idle(core, Thread::weights));
  }
  return result;
}

// Near the cut: where all threads of the set can switch within few cycles, as no program can be loaded meanwhile.
Switches best_switches(const RunThreads& threads, const CoreSet& set, std::uint64_t cut) {
  constexpr int attempts = 24;
  const auto cost = [&](const Switches& switches) {
    return switches.last - switches.first + (switches.first - cut) / 4;
  };
  Switches best = switches_from(threads, set, cut), next = best;
  for (int i = 1; i < attempts && next.last != next.first && (next.first - cut) / 4 < cost(best); ++i) {
    // From where the first of those threads that have to wait is free.
    std::uint64_t from = next.last;
    const auto consider = [&](std::uint64_t cycle) {
      if (cycle > next.first) from = std::min(from, cycle);
    };
    for (const auto cycle : next.common) consider(cycle);
    for (const auto cycle : next.memory) consider(cycle);
    for (const auto cycle : next.weights) consider(cycle);
    next = switches_from(threads, set, from);
    if (cost(next) < cost(best)) best = next;
  }
  return best;
}

void place_switches(const RunThreads& threads, std::uint64_t cut, Segment& segment) {
  for (const CoreSet& set : threads.sets()) {
    const Switches switches = best_switches(threads, set, cut);
    for (std::size_t i = 0; i < set.cores.size(); ++i) {
      auto& from = segment.cores[set.cores[i]].from;
      for (std::size_t t = 0; t < isa::thread_count; ++t) from[t] = switches.common[t] + 1;
      from[number(Thread::memory)] = switches.memory[i] + 1;
      from[number(Thread::weights)] = switches.weights[i] + 1;
    }
  }
}

// In the last segment a thread ends with its last event.
Section closed(const std::vector<TimedInstruction>& list, std::uint64_t from, std::uint64_t until) {
  if (until != Segment::never) return section_of(list, from, isa::Opcode::switch_program, until);
  return section_of(list, from, isa::Opcode::end, list.empty() ? from : list.back().last() + 1);
}

// Sections of one thread in all cores of a set: shared, or each core's own.
void make_sections(const RunThreads& threads, const CoreSet& set, Thread thread, Segment& segment, SetSegment& of_set,
                   std::size_t parameters) {
  const std::size_t t = number(thread);
  const auto cut = [&](std::uint32_t core) {
    const CoreSegment& times = segment.cores[core];
    return closed(threads.timeline(core, thread).part(times.from[t], times.until[t]), times.from[t], times.until[t]);
  };
  // The boot programs are each core's own, without parameters.
  const bool alone = set.cores.size() == 1 || segment.cut == 0;
  const bool alike = thread != Thread::weights && thread != Thread::send;
  if (!alone && alike) {
    of_set.shares[t] = true;
    of_set.sections[t] = cut(set.cores[0]);
    return;
  }
  for (std::size_t i = 0; i < set.cores.size(); ++i) {
    Section& section = segment.cores[set.cores[i]].sections[t];
    section = thread == Thread::send && i != 0 ? segment.cores[set.cores[0]].sections[t] : cut(set.cores[i]);
    if (thread == Thread::send && i != 0)
      for (isa::Instruction& send : section) send.immediate[1] <<= set.row_shifts[i];
  }
  if (alone) return;
  const std::size_t used = segment.cores[set.cores[0]].parameters.size();
  std::vector<const Section*> all;
  for (const std::uint32_t core : set.cores) all.push_back(&segment.cores[core].sections[t]);
  auto common = shared(all, used, parameters - used);
  if (!common) return;
  // A parameter takes an eighth of a word in each core.
  if ((common->columns.size() + 7) / 8 > words_of(common->section)) return;
  of_set.shares[t] = true;
  of_set.sections[t] = std::move(common->section);
  for (std::size_t i = 0; i < set.cores.size(); ++i) {
    CoreSegment& core = segment.cores[set.cores[i]];
    core.sections[t].clear();
    for (const auto& column : common->columns) core.parameters.push_back(column[i]);
  }
}

}  // namespace

std::uint64_t CoreSegment::all_entered() const { return *std::max_element(from.begin(), from.end()); }
std::uint64_t CoreSegment::first_leaves() const { return *std::min_element(until.begin(), until.end()); }

ProgramLayout layout_of(const CoreSegment& core, const SetSegment& set) {
  ProgramLayout layout;
  std::size_t next = 1;
  const auto append = [&](const std::array<Section, isa::thread_count>& sections, Thread thread,
                          std::vector<Thread>& order) {
    const Section& section = sections[number(thread)];
    // Threads that have nothing to do but to leave in the same cycle go by one word.
    for (const Thread other : order)
      if (section.size() == 1 && section == sections[number(other)]) {
        layout.start[number(thread)] = layout.start[number(other)];
        return;
      }
    layout.start[number(thread)] = static_cast<std::uint16_t>(next);
    order.push_back(thread);
    next += words_of(section);
  };
  append(core.sections, Thread::programs, layout.own_order);
  append(core.sections, Thread::memory, layout.own_order);
  for (const Thread thread : sharable)
    if (!set.shares[number(thread)]) append(core.sections, thread, layout.own_order);
  layout.own_words = next = std::max(next, core.least_own_words);
  for (const Thread thread : sharable)
    if (set.shares[number(thread)]) append(set.sections, thread, layout.shared_order);
  layout.words = next;
  return layout;
}

std::optional<Segment> cut_segment(const RunThreads& threads, std::uint64_t cut, const Segment* next,
                                   std::size_t parameters) {
  Segment segment;
  segment.cut = cut;
  std::size_t cores = 0;
  for (const CoreSet& set : threads.sets()) cores += set.cores.size();
  segment.cores.resize(cores);
  segment.sets.resize(threads.sets().size());
  if (cut != 0) place_switches(threads, cut, segment);
  for (std::size_t core = 0; core < cores; ++core) {
    CoreSegment& own = segment.cores[core];
    for (std::size_t t = 0; t < isa::thread_count; ++t)
      own.until[t] = next == nullptr ? Segment::never : next->cores[core].from[t] - 1;
    if (own.all_entered() >= own.first_leaves()) return std::nullopt;
  }
  for (std::size_t s = 0; s < segment.sets.size(); ++s) {
    const CoreSet& set = threads.sets()[s];
    for (const Thread thread : sharable) make_sections(threads, set, thread, segment, segment.sets[s], parameters);
    for (const std::uint32_t core : set.cores) {
      CoreSegment& own = segment.cores[core];
      for (const TimedInstruction& timed :
           threads.timeline(core, Thread::memory)
               .part(own.from[number(Thread::memory)], own.until[number(Thread::memory)]))
        append_with_gaps(timed, loading_gap, own.memory);
    }
  }
  return segment;
}

std::size_t close_segment(const RunThreads& threads, Segment& segment) {
  std::size_t longest = 0;
  for (std::size_t s = 0; s < segment.sets.size(); ++s) {
    SetSegment& set = segment.sets[s];
    for (const std::uint32_t number_of_core : threads.sets()[s].cores) {
      CoreSegment& core = segment.cores[number_of_core];
      std::vector<TimedInstruction> memory(core.memory.size() + core.sends.size());
      std::merge(core.memory.begin(), core.memory.end(), core.sends.begin(), core.sends.end(), memory.begin(),
                 [](const TimedInstruction& a, const TimedInstruction& b) { return a.start < b.start; });
      const auto close = [&](Thread thread, std::vector<TimedInstruction> list) {
        const std::size_t t = number(thread);
        core.sections[t] = closed(rolled(std::move(list)), core.from[t], core.until[t]);
      };
      close(Thread::memory, std::move(memory));
      close(Thread::programs, core.receives);
      const ProgramLayout layout = layout_of(core, set);
      set.words = layout.words - layout.own_words;
      longest = std::max(longest, layout.words);
    }
  }
  return longest;
}

}  // namespace northpole::schedule
