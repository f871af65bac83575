#include "schedule/program_streams.h"

#include <algorithm>

#include "network/error.h"
#include "schedule/route.h"

namespace northpole::schedule {

using isa::Thread;

namespace {

constexpr std::size_t memory_thread = static_cast<std::size_t>(Thread::memory);

// Idle cycles in a row that take words [first, first + count) of a stream, one every `step` cycles.
struct Run {
  std::uint64_t start = 0;
  std::uint32_t first = 0, count = 0;
};

TimedInstruction counted(isa::Opcode opcode, const Run& run, std::uint64_t delay, std::uint32_t step) {
  TimedInstruction timed{run.start + delay, {}};
  timed.instruction.opcode = opcode;
  if (run.count == 1) return timed;
  isa::Loop loop;
  loop.count = static_cast<std::uint16_t>(run.count);
  loop.interval = step;
  timed.instruction.loops.push_back(loop);
  return timed;
}

void let_count(TimedInstruction& timed, isa::Operand operand, std::uint32_t first) {
  timed.instruction.operand[operand] = static_cast<std::uint16_t>(first);
  for (isa::Loop& loop : timed.instruction.loops) loop.stride[operand] = 1;
}

using Cycles = std::vector<std::uint8_t>;  // 1: taken

// Which cycles are taken, between two cycles of the run.
class Loader {
 public:
  Loader(const RunThreads& threads, const Segment* next, Segment& segment, const chip::ChipDescription& chip)
      : segment_(segment), chip_(chip), end_(threads.end()) {
    // What the last segment may take beyond the plan's end; and long segments offer enough in their last part.
    const std::uint64_t beyond = std::uint64_t{2} * chip.program_words * chip.word_link_cycles + chip.cores();
    const std::uint64_t longest_search = 16384 + beyond;
    base_ = Segment::never;
    for (const CoreSegment& core : segment.cores) {
      base_ = std::min(base_, *std::min_element(core.from.begin(), core.from.end()));
      const std::uint64_t until = *std::max_element(core.until.begin(), core.until.end());
      top_ = std::max(top_, until == Segment::never ? std::max(threads.end(), core.all_entered()) + beyond : until);
    }
    base_ = std::max(base_, top_ - std::min(top_, longest_search));
    for (auto* busy : {&memory_, &programs_}) busy->assign(segment.cores.size(), Cycles(top_ - base_, 0));
    for (std::size_t core = 0; core < segment.cores.size(); ++core)
      for (const TimedInstruction& timed : segment.cores[core].memory)
        mark(memory_[core], timed.start, timed.last() + 1);
    links_.resize(link_count(chip));
    if (next != nullptr)
      for (const LinkUse& use : next->links) mark(link(use.link), use.first, use.first + use.cycles);
  }

  // These give 0, or the number of cycles that are lacking. `first_words`: where in each core's program the words go.
  std::uint32_t send_programs(std::uint32_t from, const std::vector<std::uint32_t>& to, std::uint32_t words,
                              std::uint16_t tag, const std::vector<std::uint32_t>& first_words, bool in_pieces) {
    std::vector<bool> receives(segment_.cores.size(), false);
    for (const std::uint32_t core : to) receives[core] = true;
    const auto destinations = products(receives, chip_);
    if (destinations.size() != 1)
      throw Error("internal: cores that share a program are no product of rows and columns");
    const std::uint32_t step = chip_.word_link_cycles;
    const Route route = route_from_core(from, destinations[0], chip_, step);
    begin(from);
    for (const Hop& hop : route.deliveries) {
      const CoreSegment& core = segment_.cores[hop.index];
      keep_within(core.all_entered(), core.first_leaves(), hop.offset);
      keep_off(programs_[hop.index], hop.offset);
    }
    for (const Hop& hop : route.links) keep_off(links_[hop.index], hop.offset);
    const auto [runs, lacking] = find(words, in_pieces, step);
    for (const Run& run : runs) {
      TimedInstruction send = counted(isa::Opcode::send_program, run, 0, step);
      let_count(send, isa::operand_a, run.first);
      send.instruction.tensor[isa::operand_a] = tag;
      send.instruction.immediate = {destinations[0].columns, destinations[0].rows};
      take_memory(from, std::move(send));
      for (const Hop& hop : route.deliveries) {
        TimedInstruction receive = counted(isa::Opcode::receive_program, run, hop.offset, step);
        const auto place = std::find(to.begin(), to.end(), hop.index) - to.begin();
        let_count(receive, isa::operand_b, run.first + first_words[static_cast<std::size_t>(place)]);
        mark(programs_[hop.index], receive.start, receive.last() + 1);
        insert_in_time(segment_.cores[hop.index].receives, std::move(receive));
      }
      for (const Hop& hop : route.links) {
        mark(link(hop.index), run.start + hop.offset, run.start + hop.offset + run.count * step);
        segment_.links.push_back({hop.index, run.start + hop.offset, run.count * step});
      }
    }
    return lacking;
  }

  std::uint32_t load_parameters(std::uint32_t core, std::uint32_t words) {
    begin(core);
    keep_within(segment_.cores[core].all_entered(), segment_.cores[core].first_leaves(), 0);
    const auto [runs, lacking] = find(words, true, 1);
    for (const Run& run : runs) {
      TimedInstruction load = counted(isa::Opcode::parameters, run, 0, 1);
      let_count(load, isa::operand_a, run.first);
      let_count(load, isa::operand_b, run.first);
      load.instruction.tensor[isa::operand_a] = load_tag(LoadSource::load_parameters, core);
      take_memory(core, std::move(load));
    }
    return lacking;
  }

 private:
  Cycles& link(std::uint32_t index) {
    if (links_[index].empty()) links_[index].assign(top_ - base_, 0);
    return links_[index];
  }
  void mark(Cycles& busy, std::uint64_t first, std::uint64_t end) const {
    for (std::uint64_t cycle = std::max(first, base_); cycle < std::min(end, top_); ++cycle) busy[cycle - base_] = 1;
  }
  // Cycles of the sender's memory thread, then what else must be free.
  void begin(std::uint32_t core) {
    blocked_ = memory_[core];
    keep_within(segment_.cores[core].from[memory_thread], segment_.cores[core].until[memory_thread], 0);
  }
  void keep_within(std::uint64_t from, std::uint64_t until, std::uint64_t offset) {
    mark(blocked_, 0, from - std::min(from, offset));
    mark(blocked_, until - std::min(until, offset), top_);
  }
  void keep_off(const Cycles& busy, std::uint64_t offset) {
    for (std::uint64_t i = offset; i < busy.size(); ++i) blocked_[i - offset] |= busy[i];
    // What happens after the last cycle that is looked at is not known to be free.
    for (std::uint64_t i = blocked_.size() - std::min<std::uint64_t>(offset, blocked_.size()); i < blocked_.size(); ++i)
      blocked_[i] = 1;
  }
  static std::uint32_t longest_of(const std::vector<Run>& idle) {
    return std::max_element(idle.begin(), idle.end(), [](const Run& a, const Run& b) { return a.count < b.count; })
        ->count;
  }
  // All words in a row as soon as that is possible, or the longest runs that there are, after the plan's end only what
  // does not fit before; and how many cycles are lacking.
  std::pair<std::vector<Run>, std::uint32_t> find(std::uint32_t words, bool in_pieces, std::uint32_t step) const {
    constexpr std::size_t most_pieces = 24;
    constexpr std::uint32_t shortest_piece = 3;
    std::vector<Run> idle;
    for (std::size_t i = 0; i < blocked_.size();) {
      const std::size_t first = i;
      while (i < blocked_.size() && !blocked_[i] && (base_ + i != end_ || i == first)) ++i;
      const auto fitting = static_cast<std::uint32_t>((i - first) / step);
      if (fitting >= words && (base_ + i <= end_ || idle.empty() || !in_pieces))
        return {{{base_ + first, 0, words}}, 0};
      if (fitting >= std::min(shortest_piece, words)) idle.push_back({base_ + first, 0, fitting});
      if (i == first || base_ + i != end_) ++i;
    }
    if (!in_pieces) return {{}, (words - (idle.empty() ? 0 : longest_of(idle))) * step};
    std::stable_sort(idle.begin(), idle.end(), [&](const Run& a, const Run& b) {
      return a.start < end_ && b.start < end_ ? a.count > b.count : a.start < end_ && b.start >= end_;
    });
    std::vector<Run> runs;
    std::uint32_t taken = 0;
    for (Run run : idle) {
      if (taken == words || runs.size() == most_pieces) break;
      run.count = std::min(run.count, words - taken);
      taken += run.count;
      runs.push_back(run);
    }
    if (taken < words) return {{}, (words - taken) * step};
    std::sort(runs.begin(), runs.end(), [](const Run& a, const Run& b) { return a.start < b.start; });
    std::uint32_t first = 0;
    for (Run& run : runs) {
      run.first = first;
      first += run.count;
    }
    return {std::move(runs), 0};
  }
  void take_memory(std::uint32_t core, TimedInstruction timed) {
    mark(memory_[core], timed.start, timed.last() + 1);
    insert_in_time(segment_.cores[core].sends, std::move(timed));
  }

  Segment& segment_;
  const chip::ChipDescription& chip_;
  std::uint64_t base_ = 0, top_ = 0;
  const std::uint64_t end_;  // of the plan
  std::vector<Cycles> memory_, programs_, links_;
  Cycles blocked_;  // sending cycles
};

// Cores within a few hops, those that store the least first.
std::vector<std::uint32_t> nearby(std::uint32_t core, const std::vector<std::uint64_t>& stored,
                                  const chip::ChipDescription& chip) {
  constexpr int farthest = 4;
  std::vector<std::uint32_t> result;
  const auto row = static_cast<int>(core / chip.columns), column = static_cast<int>(core % chip.columns);
  for (int y = row - farthest; y <= row + farthest; ++y)
    for (int x = column - farthest; x <= column + farthest; ++x) {
      const bool inside = y >= 0 && x >= 0 && y < static_cast<int>(chip.rows) && x < static_cast<int>(chip.columns);
      if (inside && (y != row || x != column))
        result.push_back(static_cast<std::uint32_t>(y) * chip.columns + static_cast<std::uint32_t>(x));
    }
  std::stable_sort(result.begin(), result.end(),
                   [&](std::uint32_t a, std::uint32_t b) { return stored[a] < stored[b]; });
  return result;
}

}  // namespace

ProgramSizes sizes_of(const RunThreads& threads, const Segment& segment, const chip::ChipDescription& chip) {
  ProgramSizes sizes;
  sizes.own_words.resize(chip.cores());
  sizes.parameters.resize(chip.cores());
  for (std::size_t s = 0; s < segment.sets.size(); ++s) {
    sizes.set_words.push_back(static_cast<std::uint32_t>(segment.sets[s].words));
    for (const std::uint32_t core : threads.sets()[s].cores) {
      const CoreSegment& own = segment.cores[core];
      sizes.own_words[core] = static_cast<std::uint32_t>(layout_of(own, segment.sets[s]).own_words);
      sizes.parameters[core] = static_cast<std::uint32_t>((own.parameters.size() + 7) / 8);
    }
  }
  return sizes;
}

std::uint32_t load_programs(const RunThreads& threads, const ProgramSizes& sizes,
                            const std::vector<std::uint64_t>& stored, const Segment* next, Segment& segment,
                            Keepers& keepers, const chip::ChipDescription& chip) {
  Loader loader(threads, next, segment, chip);
  keepers = {};
  std::uint32_t lacking = 0;
  const auto load_set = [&](std::size_t s) {
    const auto& cores = threads.sets()[s].cores;
    std::vector<std::uint32_t> order = cores, first_words;
    for (const std::uint32_t core : cores) first_words.push_back(sizes.own_words[core]);
    std::stable_sort(order.begin(), order.end(),
                     [&](std::uint32_t a, std::uint32_t b) { return stored[a] < stored[b]; });
    std::uint32_t least = ~std::uint32_t{0};
    for (const bool in_pieces : {false, true})
      for (const std::uint32_t keeper : order) {
        least = std::min(least, loader.send_programs(keeper, cores, sizes.set_words[s], load_tag(load_shared, keeper),
                                                     first_words, in_pieces));
        if (least != 0) continue;
        keepers.set[s] = keeper;
        return;
      }
    lacking = std::max(lacking, least);
  };
  for (std::size_t s = 0; s < threads.sets().size(); ++s) {
    keepers.set.push_back(threads.sets()[s].cores[0]);
    if (sizes.set_words[s] != 0) load_set(s);
  }
  // Words [first, first + words) of a core's own; how many cycles are lacking.
  const auto load_own_words = [&](std::uint32_t core, std::uint32_t keeper, std::uint32_t first, std::uint32_t words) {
    auto& parts = keepers.own[core];
    const std::uint32_t lacks =
        loader.send_programs(keeper, {core}, words, load_tag(load_own, core, parts.size()), {first}, true);
    if (lacks == 0) parts.push_back({keeper, first, words});
    return lacks;
  };
  // Several cores send what one has no cycles for; how many cycles are lacking all the same. Not for boot programs: they
  // are loaded when all else is over, and lie together.
  const auto load_from_several = [&](std::uint32_t core, const std::vector<std::uint32_t>& others) {
    std::uint32_t first = 0, least = ~std::uint32_t{0};
    for (std::size_t i = 0; i <= others.size() && least != 0; ++i) {
      const std::uint32_t keeper = i == 0 ? core : others[i - 1], left = sizes.own_words[core] - first;
      const std::uint32_t cycles = load_own_words(core, keeper, first, left), words = cycles / chip.word_link_cycles;
      least = std::min(least, cycles);
      if (words == 0 || words >= left || keepers.own[core].size() + 1 == most_parts) continue;
      if (load_own_words(core, keeper, first, left - words) == 0) first += left - words;
    }
    return least;
  };
  std::vector<std::pair<std::uint32_t, std::uint32_t>> needy;  // cores, and how many cycles they lack
  keepers.own.resize(chip.cores());
  for (std::uint32_t core = 0; core < chip.cores(); ++core) {
    if (sizes.parameters[core] != 0) lacking = std::max(lacking, loader.load_parameters(core, sizes.parameters[core]));
    if (const std::uint32_t least = load_own_words(core, core, 0, sizes.own_words[core]); least != 0)
      needy.emplace_back(core, least);
  }
  for (auto [core, least] : needy) {
    const auto others = nearby(core, stored, chip);
    for (const std::uint32_t keeper : others)
      if (least != 0) least = std::min(least, load_own_words(core, keeper, 0, sizes.own_words[core]));
    if (least != 0 && next != nullptr) least = std::min(least, load_from_several(core, others));
    lacking = std::max(lacking, least);
  }
  return lacking;
}

}  // namespace northpole::schedule
