#include "schedule/stream_order.h"

#include <gtest/gtest.h>

#include <array>

namespace northpole::schedule {
namespace {

// When each stream arrives if they take their cycles in this order.
Cycle last_arrival(const std::vector<StreamNeeds>& streams, const std::vector<std::size_t>& order) {
  Cycle last = 0;
  std::vector<std::pair<std::size_t, Cycle>> taken;
  for (const std::size_t s : order) {
    const Cycle start = earliest(streams[s].needs, streams[s].floor);
    take(streams[s].needs, start);
    taken.emplace_back(s, start);
    last = std::max(last, start + streams[s].tail);
  }
  for (const auto& [s, start] : taken) give_back(streams[s].needs, start);
  return last;
}

TEST(StreamOrder, WhatIsGivenBackIsFreeAgain) {
  Cycles cycles;
  cycles.mark(0, 5);
  for (const Cycle step : {1, 2, 3}) {
    const std::vector<Need> needs{{&cycles, 5, 200, step}};
    take(needs, 0);
    EXPECT_EQ(cycles.next_busy(5, 1000), 5U);
    give_back(needs, 0);
    EXPECT_EQ(cycles.next_free(0), 5U);
    EXPECT_EQ(cycles.next_busy(5, 1000), 1000U);
  }
  cycles.mark(5, 4091);  // whole words
  cycles.clear(64, 64);
  EXPECT_EQ(cycles.next_free(0), 64U);
  EXPECT_EQ(cycles.next_busy(64, 1000), 128U);
}

// One link: what has far to go must go first.
TEST(StreamOrder, LongWaysComeFirst) {
  Cycles link;
  std::vector<StreamNeeds> streams;
  for (const Cycle tail : {10, 10, 10, 40}) streams.push_back({{{&link, 0, 10}}, 1, tail});
  const auto order = order_of_streams(streams, 4);
  EXPECT_EQ(last_arrival(streams, {0, 1, 2, 3}), 71U);
  EXPECT_EQ(last_arrival(streams, order), 41U);
  EXPECT_EQ(link.next_busy(0, 1000), 1000U) << "cycles were kept";
}

TEST(StreamOrder, IsThatGivenUnlessAnotherIsBetter) {
  Cycles a, b;
  const std::vector<StreamNeeds> streams{{{{&a, 0, 10}}, 1, 10}, {{{&b, 0, 10}}, 1, 12}, {{{&a, 0, 4}}, 11, 4}};
  EXPECT_EQ(order_of_streams(streams, 8), (std::vector<std::size_t>{0, 1, 2}));
}

}  // namespace
}  // namespace northpole::schedule
