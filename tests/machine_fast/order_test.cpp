// In which order the host computes, and where it keeps what it made.
#include <gtest/gtest.h>

#include <random>

#include "machine/fast/frame_order.h"
#include "machine/fast/slot_regions.h"

namespace northpole::tests {
namespace {

using namespace machine::fast;

TEST(FrameOrder, EarlyLevelsFrameByFrameLateOnesTogether) {
  DataFlow flow;
  flow.frames = 3;
  flow.input_words = 3;  // values 1 .. 3
  flow.constants.push_back({4, {}});
  const auto list = [&](std::vector<Value> values) { return flow.activation_lists.number(values); };
  const Value of_constant = 5;
  flow.word.push_back({1, 0, list({4}), no_value, of_constant});
  std::vector<std::uint32_t> weights(100);
  for (std::uint32_t i = 0; i < weights.size(); ++i) weights[i] = 2 * i;
  const std::uint32_t blocks = flow.block_lists.number(weights);
  // Level 2: no weights. Level 3: many weights for one word a frame. All frames use what was made of the constant.
  for (Value frame = 0; frame < 3; ++frame)
    flow.word.push_back({2, 0, list({1 + frame, of_constant}), no_value, 6 + frame});
  for (Value frame = 0; frame < 3; ++frame)
    flow.linear.push_back({3, blocks, 0, list(std::vector<Value>(weights.size(), 6 + frame)), no_value, 9 + frame});
  flow.values = 11;
  order_frames(flow);
  EXPECT_EQ(flow.word[0].level, 1u);
  EXPECT_EQ(flow.word[1].level, 2u);
  EXPECT_EQ(flow.word[2].level, 4u);
  EXPECT_EQ(flow.word[3].level, 6u);
  for (const LinearOperation& operation : flow.linear) EXPECT_EQ(operation.level, 7u);
}

TEST(FrameOrder, FramesThatNeedEachOtherStayTogether) {
  DataFlow flow;
  flow.frames = 2;
  flow.input_words = 2;
  const auto list = [&](std::vector<Value> values) { return flow.activation_lists.number(values); };
  flow.word.push_back({1, 0, list({1}), no_value, 3});
  flow.word.push_back({1, 0, list({2}), no_value, 4});
  flow.word.push_back({2, 0, list({3}), 4, 5});
  flow.values = 5;
  order_frames(flow);
  EXPECT_EQ(flow.word[0].level, flow.word[1].level);
  EXPECT_LT(flow.word[1].level, flow.word[2].level);
}

TEST(SlotRegions, NothingThatIsNeededIsGivenAway) {
  std::mt19937 random(2);
  SlotRegions regions;
  std::vector<std::uint32_t> needed_until;  // by slot: last pass, plus 1
  std::uint32_t most = 0;
  for (std::uint32_t pass = 1; pass < 300; ++pass) {
    regions.begin_pass(pass);
    for (std::uint32_t i = 0; i < random() % 4; ++i) {
      const std::uint32_t count = random() % 40, last = pass + random() % 5;
      const Slot first = regions.take(count, last);
      if (first + count > needed_until.size()) needed_until.resize(first + count);
      for (Slot slot = first; slot < first + count; ++slot) {
        ASSERT_LE(needed_until[slot], pass) << "pass " << pass << ", slot " << slot;
        needed_until[slot] = last + 1;
      }
      ASSERT_LE(first + count, regions.size());
    }
    std::uint32_t now = 0;
    for (const std::uint32_t until : needed_until) now += until > pass;
    most = std::max(most, now);
  }
  EXPECT_LT(regions.size(), 2 * most);
}

}  // namespace
}  // namespace northpole::tests
