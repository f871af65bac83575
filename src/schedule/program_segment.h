// One segment of a run cut in time: when each thread of each core is in it, and the sections of its program.
//
// A core's program is the directory, then the sections that it has for itself, then those that it shares with the other
// cores of its set: so a program comes in two streams, one mostly from the core itself and one for
// the whole set.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include "schedule/run_threads.h"
#include "schedule/section_sharing.h"

namespace northpole::schedule {

// What a memory thread sends or loads: until addresses are known, the operand a of these instructions counts from the
// beginning of it, and tensor a says which it is.
enum LoadSource : std::uint16_t { load_own = 1, load_shared = 2, load_parameters = 3 };
// `core` (of at most 1,024): the one whose own words or parameters they are; for shared ones, the keeper. `part`: of
// its own words, where several cores keep them.
inline constexpr std::size_t most_parts = 16;
inline std::uint16_t load_tag(LoadSource source, std::uint32_t core, std::size_t part = 0) {
  return static_cast<std::uint16_t>(source | core << 2 | part << 12);
}
inline LoadSource source_of_tag(std::uint16_t tag) { return static_cast<LoadSource>(tag & 3); }

// Which cores store and send a segment's programs.
struct Keepers {
  struct Part {
    std::uint32_t core = 0, first = 0, words = 0;  // words [first, first + words)
  };
  std::vector<std::vector<Part>> own;  // by core: mostly itself, all of them
  std::vector<std::uint32_t> set;      // by set: its shared words
};

struct CoreSegment {
  std::array<std::uint64_t, isa::thread_count> from{};   // first cycle in this segment
  std::array<std::uint64_t, isa::thread_count> until{};  // cycle of its switch out of it, or `never` in the last one
  std::vector<TimedInstruction> memory;                  // what the plan has for the memory thread
  std::vector<TimedInstruction> sends, receives;         // loading of the next segment, in order of time
  std::array<Section, isa::thread_count> sections;       // but those that the set shares
  std::vector<std::uint32_t> parameters;
  std::size_t least_own_words = 0;  // own words in the layout, if they are fewer

  std::uint64_t all_entered() const;  // first cycle in which every thread is in the segment
  std::uint64_t first_leaves() const;
};

struct SetSegment {
  std::array<bool, isa::thread_count> shares{};
  std::array<Section, isa::thread_count> sections;  // where it shares
  std::size_t words = 0;                            // of these
};

struct LinkUse {
  std::uint32_t link = 0;
  std::uint64_t first = 0;
  std::uint64_t cycles = 0;
};

struct Segment {
  static constexpr std::uint64_t never = ~std::uint64_t{0};
  std::uint64_t cut = 0;
  std::vector<CoreSegment> cores;
  std::vector<SetSegment> sets;
  Keepers keepers;             // of this segment's words, chosen by the loading during the one before
  std::vector<LinkUse> links;  // of the instruction network, by the loading of the next segment
};

// Where things lie in the program buffer.
struct ProgramLayout {
  std::array<std::uint16_t, isa::thread_count> start{};
  std::vector<isa::Thread> own_order, shared_order;  // threads whose sections are written, one after the other
  std::size_t own_words = 0;                         // the directory and sections of its own
  std::size_t words = 0;                             // all
};
ProgramLayout layout_of(const CoreSegment& core, const SetSegment& set);

// A segment from `cut` on, or from the very beginning, up to the switches into `next` (nullptr: it is the last one),
// with all sections but those of memory and programs threads. Nothing when some core's threads would be in three
// programs at a time.
std::optional<Segment> cut_segment(const RunThreads& threads, std::uint64_t cut, const Segment* next,
                                   std::size_t parameters);

// Makes the sections of memory and programs threads, with what they load. Gives the words of the longest program.
std::size_t close_segment(const RunThreads& threads, Segment& segment);

// Idle cycles between a memory thread's instructions that are worth loading programs in.
inline constexpr std::uint64_t loading_gap = 12;

}  // namespace northpole::schedule
