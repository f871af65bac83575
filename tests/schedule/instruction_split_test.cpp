// Wherever an instruction is cut, its parts have the same events, and masks say the same of each.
#include "schedule/instruction_split.h"

#include <gtest/gtest.h>

#include <random>

#include "plan_events.h"
#include "schedule/thread_timeline.h"

namespace northpole::schedule {
namespace {

TimedInstruction random_nest(std::mt19937& random, isa::Opcode opcode) {
  TimedInstruction timed{10 + random() % 50, {}};
  timed.instruction.opcode = opcode;
  timed.instruction.operand = {static_cast<std::uint16_t>(random()), 3, 5, 7};
  std::uint32_t body = 1;
  for (std::uint32_t i = random() % 4; i-- > 0;) {
    isa::Loop loop;
    loop.count = static_cast<std::uint16_t>(1 + random() % 4);
    loop.interval = body + random() % 3;
    for (auto& stride : loop.stride) stride = static_cast<std::int16_t>(random());
    body += (loop.count - 1U) * loop.interval;
    timed.instruction.loops.insert(timed.instruction.loops.begin(), loop);
  }
  const auto all = static_cast<std::uint32_t>((1U << timed.instruction.loops.size()) - 1);
  if (opcode == isa::Opcode::multiply) {
    isa::MultiplyMode mode;
    timed.instruction.flags = static_cast<std::uint8_t>(random() % 4);
    if (timed.instruction.flags & isa::multiply_initialize) mode.initialize_mask = random() & all;
    if (timed.instruction.flags & isa::multiply_release) mode.release_mask = random() & all;
    timed.instruction.immediate[0] = isa::encode(mode);
  } else if (opcode == isa::Opcode::vector) {
    // A window of the innermost loops, as for a maximum pool.
    isa::VectorMode mode;
    mode.first_mask = mode.last_mask = static_cast<std::uint8_t>(all & ~((1U << random() % 4) - 1));
    timed.instruction.immediate[0] = isa::encode(mode);
  }
  return timed;
}

TEST(InstructionSplit, AnyIdleCycleWillDo) {
  std::mt19937 random(1);
  std::size_t inside = 0;
  for (int i = 0; i < 3000; ++i) {
    const auto opcode = std::array{isa::Opcode::multiply, isa::Opcode::vector, isa::Opcode::receive}[i % 3];
    const TimedInstruction timed = random_nest(random, opcode);
    const auto whole = events_of({timed});
    for (std::uint64_t from = timed.start; from <= timed.last(); ++from)
      for (const IdleCycle& idle : idle_cycles(timed, from)) {
        EXPECT_GE(idle.cycle, from);
        for (const PlanEvent& event : whole) ASSERT_NE(event.cycle, idle.cycle);
        const SplitInstruction split = split_at(timed, idle.cycle);
        std::vector<TimedInstruction> parts = split.before;
        for (const TimedInstruction& part : parts) ASSERT_LT(part.last(), idle.cycle);
        for (const TimedInstruction& part : split.after) ASSERT_GT(part.start, idle.cycle);
        parts.insert(parts.end(), split.after.begin(), split.after.end());
        ASSERT_TRUE(events_of(parts) == whole);
        ++inside;
      }
    std::vector<TimedInstruction> apart;
    append_with_gaps(timed, 1, apart);
    ASSERT_TRUE(events_of(apart) == whole);
  }
  EXPECT_GT(inside, 1000U);
}

TEST(ThreadTimeline, PartsAreTheWhole) {
  std::mt19937 random(2);
  for (int i = 0; i < 200; ++i) {
    std::vector<TimedInstruction> list;
    std::uint64_t free = 0;
    for (int k = 0; k < 20; ++k) {
      TimedInstruction timed = random_nest(random, isa::Opcode::multiply);
      timed.start = free + random() % 2 * (random() % 9);
      free = timed.last() + 1;
      list.push_back(timed);
    }
    const ThreadTimeline timeline(list);
    std::vector<TimedInstruction> parts;
    std::uint64_t from = 0;
    while (from < free) {
      const std::uint64_t until = timeline.idle_from(from + 1 + random() % 60);
      for (const TimedInstruction& timed : timeline.part(from, until)) {
        EXPECT_GE(timed.start, from);
        EXPECT_LT(timed.last(), until);
        parts.push_back(timed);
      }
      from = until + 1;
    }
    ASSERT_TRUE(events_of(parts) == events_of(list));
  }
}

}  // namespace
}  // namespace northpole::schedule
