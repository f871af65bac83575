#include "schedule/timeline.h"

#include <fmt/format.h>

#include "network/error.h"

namespace northpole::schedule {

namespace {

// One thread of an edge unit, over all segments.
struct EdgeThread {
  std::vector<isa::Word> words;
  std::uint64_t free = 0;  // first cycle after its last event

  void append(const std::vector<TimedInstruction>& instructions, std::int64_t base) {
    for (const TimedInstruction& timed : rolled(instructions)) {
      isa::Instruction instruction = timed.instruction;
      const auto start = static_cast<std::uint64_t>(base + static_cast<std::int64_t>(timed.start));
      if (start - free > 0xffffffffU)
        throw Error(
            fmt::format("the network does not fit: a run of more than {} cycles is too long for the delay of "
                        "an instruction",
                        start));
      instruction.delay = static_cast<std::uint32_t>(start - free);
      free = start + span(instruction) + 1;
      isa::append_encoded(instruction, words);
    }
  }
  std::vector<isa::Word> closed() {
    isa::Instruction end;
    end.opcode = isa::Opcode::end;
    isa::append_encoded(end, words);
    return std::move(words);
  }
};

}  // namespace

std::vector<std::uint64_t> place_in_time(const std::vector<std::unique_ptr<SegmentPlan>>& segments,
                                         const chip::ChipDescription& chip, program::Program& program) {
  std::vector<EdgeThread> send(chip.rows), receive(chip.rows);
  std::vector<std::uint64_t> ends;
  std::int64_t base = -1;  // the boot programs start in their cycle 1
  for (const auto& segment : segments) {
    for (std::uint32_t row = 0; row < chip.rows; ++row) {
      send[row].append(segment->edge_send[row], base);
      receive[row].append(segment->edge_receive[row], base);
    }
    const std::int64_t end = base + static_cast<std::int64_t>(segment->end);
    program.segments.push_back({segment->layer, static_cast<std::uint64_t>(base + 1), static_cast<std::uint64_t>(end),
                                segment->multiply_accumulates, segment->transfer_cycles, segment->compute_cycles,
                                segment->bound});
    ends.push_back(static_cast<std::uint64_t>(end));
    base = end;
  }
  program.cycles = static_cast<std::uint64_t>(base) + 1;
  for (std::uint32_t row = 0; row < chip.rows; ++row)
    program.edges.push_back({send[row].closed(), receive[row].closed()});
  return ends;
}

}  // namespace northpole::schedule
