// Rolling up instructions must change nothing but the number of instructions.
#include "schedule/timed_instruction.h"

#include <gtest/gtest.h>

#include <random>

namespace northpole::schedule {
namespace {

using isa::Instruction;
using isa::Loop;
using isa::Opcode;

struct Event {
  std::uint64_t cycle;
  std::array<std::uint16_t, 4> operand;
  bool initializes, releases;
  bool operator==(const Event&) const = default;
};

// Every event of the instructions, by the page's definition of loops and masks.
std::vector<Event> events(const std::vector<TimedInstruction>& instructions) {
  std::vector<Event> result;
  for (const auto& timed : instructions) {
    const auto& loops = timed.instruction.loops;
    const auto mode = isa::decode_multiply_mode(timed.instruction.immediate[0]);
    std::vector<std::uint32_t> trip(loops.size(), 0);
    for (bool more = true; more;) {
      Event event{timed.start, timed.instruction.operand, true, true};
      for (std::size_t i = 0; i < loops.size(); ++i) {
        event.cycle += std::uint64_t{trip[i]} * loops[i].interval;
        for (std::size_t k = 0; k < 4; ++k)
          event.operand[k] =
              static_cast<std::uint16_t>(event.operand[k] + static_cast<int>(trip[i]) * loops[i].stride[k]);
        if (mode.initialize_mask >> i & 1) event.initializes &= trip[i] == 0;
        if (mode.release_mask >> i & 1) event.releases &= trip[i] + 1 == loops[i].count;
      }
      result.push_back(event);
      more = false;
      for (std::size_t i = loops.size(); i-- > 0 && !more;) {
        more = ++trip[i] < loops[i].count;
        if (!more) trip[i] = 0;
      }
    }
  }
  return result;
}

TimedInstruction event_at(std::uint64_t cycle, int a, int d = 0) {
  TimedInstruction timed{cycle, {}};
  timed.instruction.opcode = Opcode::receive;
  timed.instruction.operand = {static_cast<std::uint16_t>(a), 0, 0, static_cast<std::uint16_t>(d)};
  return timed;
}

TEST(Rolled, SingleEventsBecomeOneNest) {
  std::vector<TimedInstruction> list;
  for (int y = 0; y < 3; ++y)
    for (int x = 0; x < 5; ++x) list.push_back(event_at(static_cast<std::uint64_t>(10 + y * 20 + x), y * 100 + x));
  const auto result = rolled(list);
  ASSERT_EQ(result.size(), 1U);
  ASSERT_EQ(result[0].instruction.loops.size(), 2U);
  EXPECT_EQ(result[0].instruction.loops[0].count, 3);
  EXPECT_EQ(result[0].instruction.loops[0].interval, 20U);
  EXPECT_EQ(result[0].instruction.loops[1].count, 5);
  EXPECT_EQ(events(result), events(list));
}

TEST(Rolled, LoopsThatContinueEachOtherBecomeOne) {
  std::vector<TimedInstruction> list;
  for (int i = 0; i < 12; ++i) list.push_back(event_at(static_cast<std::uint64_t>(i), 7 + 2 * i));
  const auto result = rolled(list);
  ASSERT_EQ(result.size(), 1U);
  EXPECT_EQ(result[0].instruction.loops.size(), 1U);
}

TEST(Rolled, DifferentTensorsStayApart) {
  auto a = event_at(1, 0), b = event_at(2, 1);
  b.instruction.tensor[0] = 9;
  EXPECT_EQ(rolled({a, b}).size(), 2U);
}

TEST(Rolled, RandomListsKeepTheirEvents) {
  std::mt19937 random(3);
  for (int round = 0; round < 300; ++round) {
    std::vector<TimedInstruction> list;
    std::uint64_t cycle = 1;
    for (int i = 0; i < 30; ++i) {
      cycle += 1 + random() % 3 / 2;
      list.push_back(event_at(cycle, static_cast<int>(random() % 4), static_cast<int>(random() % 2)));
    }
    const auto result = rolled(list);
    EXPECT_LE(result.size(), list.size());
    EXPECT_EQ(events(result), events(list)) << "round " << round;
  }
}

TEST(Rolled, MasksFollowTheLoopsTheyName) {
  // Two passes over 3 positions x 4 products, one after the other, as a layer with two output blocks has.
  std::vector<TimedInstruction> list;
  for (int block = 0; block < 2; ++block) {
    TimedInstruction timed{static_cast<std::uint64_t>(5 + 12 * block), {}};
    timed.instruction.opcode = Opcode::multiply;
    timed.instruction.flags = isa::multiply_initialize | isa::multiply_release;
    isa::MultiplyMode mode;
    mode.initialize_mask = 2;
    mode.release_mask = 1;
    timed.instruction.immediate[0] = isa::encode(mode);
    timed.instruction.operand = {0, static_cast<std::uint16_t>(4 * block), static_cast<std::uint16_t>(3 * block), 0};
    Loop positions, products;
    positions.count = 3;
    positions.interval = 4;
    positions.stride = {10, 0, 1, 0};
    products.count = 4;
    products.interval = 1;
    products.stride = {1, 1, 0, 0};
    timed.instruction.loops = {positions, products};
    list.push_back(timed);
  }
  const auto result = rolled(list);
  ASSERT_EQ(result.size(), 1U);
  EXPECT_EQ(result[0].instruction.loops.size(), 3U);
  EXPECT_EQ(events(result), events(list));
}

TEST(Simplify, DropsLoopsOfOneTripWithTheirMaskBits) {
  Instruction instruction;
  instruction.opcode = Opcode::multiply;
  isa::MultiplyMode mode;
  mode.initialize_mask = 4;
  mode.release_mask = 3;
  instruction.immediate[0] = isa::encode(mode);
  Loop one, many;
  many.count = 6;
  many.interval = 2;
  many.stride = {3, 0, 0, 0};
  Loop inner;
  inner.count = 2;
  inner.interval = 1;
  inner.stride = {0, 1, 0, 0};
  instruction.loops = {one, many, inner};
  const std::vector<TimedInstruction> before{{0, instruction}};
  simplify(instruction);
  EXPECT_EQ(instruction.loops.size(), 2U);
  EXPECT_EQ(events({{0, instruction}}), events(before));
}

}  // namespace
}  // namespace northpole::schedule
