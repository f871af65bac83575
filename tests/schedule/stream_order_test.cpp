#include "schedule/stream_order.h"

#include <gtest/gtest.h>

#include <array>

namespace northpole::schedule {
namespace {

// When each stream arrives if they take their cycles in this order.
Cycle last_arrival(const std::vector<std::vector<StreamNeeds>>& streams, const std::vector<std::size_t>& order) {
  Cycle last = 0;
  std::vector<std::pair<std::size_t, Cycle>> taken;
  for (const std::size_t s : order) {
    const StreamNeeds& way = streams[s][0];
    const Cycle start = earliest(way.needs, way.floor);
    take(way.needs, start);
    taken.emplace_back(s, start);
    last = std::max(last, start + way.tail);
  }
  for (const auto& [s, start] : taken) give_back(streams[s][0].needs, start);
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
  std::vector<std::vector<StreamNeeds>> streams;
  for (const Cycle tail : {10, 10, 10, 40}) streams.push_back({{{{&link, 0, 10}}, 1, tail}});
  const auto order = order_of_streams(streams, 4);
  EXPECT_EQ(last_arrival(streams, {0, 1, 2, 3}), 71U);
  EXPECT_EQ(last_arrival(streams, order), 41U);
  EXPECT_EQ(link.next_busy(0, 1000), 1000U) << "cycles were kept";
}

TEST(StreamOrder, IsThatGivenUnlessAnotherIsBetter) {
  Cycles a, b;
  const std::vector<std::vector<StreamNeeds>> streams{
      {{{{&a, 0, 10}}, 1, 10}}, {{{{&b, 0, 10}}, 1, 12}}, {{{{&a, 0, 4}}, 11, 4}}};
  EXPECT_EQ(order_of_streams(streams, 8), (std::vector<std::size_t>{0, 1, 2}));
}

// A bank that is written in every second cycle: six words at a time have to wait for the last write, with a cycle
// between them they go at once.
TEST(StreamOrder, WordsGoBetweenWrites) {
  Cycles bank;
  bank.mark(20, 40, 2);
  const std::vector<StreamNeeds> ways{{{{&bank, 0, 6}}, 22, 6}, {{{&bank, 0, 6, 2}}, 22, 11}};
  const ChosenWay chosen = soonest_way(ways);
  EXPECT_EQ(chosen.way, 1U);
  EXPECT_EQ(chosen.start, 23U);
  EXPECT_EQ(soonest_way({ways[0]}).start, 99U);
  // Where the bank is free the words follow each other.
  bank.clear(20, 40, 2);
  EXPECT_EQ(soonest_way(ways).way, 0U);
  EXPECT_EQ(soonest_way(ways).start, 22U);
}

}  // namespace
}  // namespace northpole::schedule
