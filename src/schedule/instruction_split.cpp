#include "schedule/instruction_split.h"

#include <algorithm>
#include <bit>

namespace northpole::schedule {

namespace {

using isa::Instruction;
using isa::Loop;
using isa::Opcode;

// Cycles from the first to the last event of one trip of a loop.
std::uint64_t body_span(const Instruction& instruction, std::size_t loop) {
  std::uint64_t result = 0;
  for (std::size_t i = loop + 1; i < instruction.loops.size(); ++i)
    result += std::uint64_t{instruction.loops[i].interval} * (instruction.loops[i].count - 1U);
  return result;
}

// The trips [first, first + count) of a loop. Masks over loops keep their meaning for these trips.
TimedInstruction trips_of(const TimedInstruction& timed, std::size_t level, std::uint32_t first, std::uint32_t count) {
  TimedInstruction part = timed;
  Loop& loop = part.instruction.loops[level];
  const std::uint32_t all = loop.count;
  part.start += std::uint64_t{first} * loop.interval;
  for (std::size_t i = 0; i < 4; ++i)
    part.instruction.operand[i] =
        static_cast<std::uint16_t>(part.instruction.operand[i] + static_cast<std::int64_t>(first) * loop.stride[i]);
  loop.count = static_cast<std::uint16_t>(count);
  if (part.instruction.opcode != Opcode::multiply) return part;
  isa::MultiplyMode mode = isa::decode_multiply_mode(part.instruction.immediate[0]);
  const auto bit = static_cast<std::uint8_t>(1U << level);
  if (first != 0 && (mode.initialize_mask & bit)) {
    part.instruction.flags &= static_cast<std::uint8_t>(~isa::multiply_initialize);
    mode.initialize_mask = 0;
  }
  if (first + count != all && (mode.release_mask & bit)) {
    part.instruction.flags &= static_cast<std::uint8_t>(~isa::multiply_release);
    mode.release_mask = 0;
  }
  part.instruction.immediate[0] = isa::encode(mode);
  return part;
}

void append_simple(TimedInstruction timed, std::vector<TimedInstruction>& result) {
  simplify(timed.instruction);
  result.push_back(std::move(timed));
}

void split(const TimedInstruction& timed, std::size_t level, std::uint64_t cycle, SplitInstruction& result) {
  if (cycle <= timed.start) return append_simple(timed, result.after);
  if (level == timed.instruction.loops.size() || cycle > timed.last()) return append_simple(timed, result.before);
  const Loop& loop = timed.instruction.loops[level];
  const std::uint64_t passed = cycle - timed.start;
  const auto trip =
      static_cast<std::uint32_t>(std::min<std::uint64_t>(passed / std::max(loop.interval, 1U), loop.count - 1U));
  const std::uint64_t into = passed - std::uint64_t{trip} * loop.interval;
  const bool between = into > body_span(timed.instruction, level);
  const bool at_start = into == 0;
  const std::uint32_t whole = trip + (between ? 1 : 0);  // trips before the cut
  if (whole != 0) append_simple(trips_of(timed, level, 0, whole), result.before);
  if (!between && !at_start) split(trips_of(timed, level, trip, 1), level + 1, cycle, result);
  const std::uint32_t rest = between || at_start ? whole : trip + 1;
  if (rest < loop.count) append_simple(trips_of(timed, level, rest, loop.count - rest), result.after);
}

}  // namespace

std::size_t cuttable_loops(const Instruction& instruction) {
  if (instruction.opcode != Opcode::vector) return instruction.loops.size();
  const isa::VectorMode mode = isa::decode_vector_mode(instruction.immediate[0]);
  const std::uint32_t window = mode.first_mask | mode.last_mask;
  if (window == 0) return instruction.loops.size();
  return std::min(instruction.loops.size(), static_cast<std::size_t>(std::countr_zero(window)));
}

std::vector<IdleCycle> idle_cycles(const TimedInstruction& timed, std::uint64_t from) {
  std::vector<IdleCycle> result;
  std::uint64_t base = timed.start;
  const std::size_t loops = cuttable_loops(timed.instruction);
  for (std::size_t level = 0; level < loops; ++level) {
    const Loop& loop = timed.instruction.loops[level];
    if (loop.count == 1) continue;
    const std::uint64_t trip = std::min<std::uint64_t>((from - base) / loop.interval, loop.count - 1U);
    base += trip * loop.interval;
    if (trip + 1 == loop.count) continue;
    const std::uint64_t free = base + body_span(timed.instruction, level) + 1;
    if (free < base + loop.interval) result.push_back({std::max(free, from), level});
    if (free <= from) break;  // between two trips already
  }
  return result;
}

SplitInstruction split_at(const TimedInstruction& timed, std::uint64_t cycle) {
  SplitInstruction result;
  split(timed, 0, cycle, result);
  return result;
}

void append_with_gaps(const TimedInstruction& timed, std::uint64_t gap, std::vector<TimedInstruction>& result) {
  const auto& loops = timed.instruction.loops;
  if (loops.empty() || loops[0].count == 1 || loops[0].interval < body_span(timed.instruction, 0) + 1 + gap ||
      cuttable_loops(timed.instruction) == 0) {
    result.push_back(timed);
    return;
  }
  for (std::uint32_t trip = 0; trip < loops[0].count; ++trip) {
    TimedInstruction one = trips_of(timed, 0, trip, 1);
    simplify(one.instruction);
    append_with_gaps(one, gap, result);
  }
}

}  // namespace northpole::schedule
