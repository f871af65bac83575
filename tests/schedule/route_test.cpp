// Routes against the page: X then Y, one hop a cycle, delivered at 1 + hops.
#include "schedule/route.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <set>

namespace northpole::schedule {
namespace {

chip::ChipDescription array(std::uint32_t rows, std::uint32_t columns) {
  chip::ChipDescription chip;
  chip.rows = rows;
  chip.columns = columns;
  return chip;
}

TEST(Route, EveryCoreOfTheProductIsReachedAfterItsHops) {
  const auto chip = array(5, 7);
  const Destination to{0b1010010U, 0b10101U};
  const std::uint32_t core = 2 * 7 + 3;
  const Route route = route_from_core(core, to, chip, 1);
  std::set<std::uint32_t> reached;
  for (const Hop& hop : route.deliveries) {
    const int row = static_cast<int>(hop.index / 7), column = static_cast<int>(hop.index % 7);
    EXPECT_EQ(hop.offset, static_cast<std::uint32_t>(1 + std::abs(row - 2) + std::abs(column - 3)));
    EXPECT_TRUE(reached.insert(hop.index).second);
  }
  EXPECT_EQ(reached, (std::set<std::uint32_t>{1, 4, 6, 15, 18, 20, 29, 32, 34}));
}

TEST(Route, NoLinkIsUsedTwice) {
  const auto chip = array(4, 4);
  for (std::uint32_t core = 0; core < 16; ++core) {
    std::set<std::uint32_t> links;
    for (const Hop& hop : route_from_core(core, {15, 15}, chip, 1).links) EXPECT_TRUE(links.insert(hop.index).second);
    EXPECT_EQ(links.size(), 15U) << "a tree over 16 cores has 15 links";
  }
}

TEST(Route, FromTheEdgeItTakesTheRowsOwnLink) {
  const auto chip = array(2, 3);
  const Route route = route_from_edge(1, {0b100U, 0b10U}, chip);
  ASSERT_EQ(route.deliveries.size(), 1U);
  EXPECT_EQ(route.deliveries[0].index, 5U);
  EXPECT_EQ(route.deliveries[0].offset, 4U);  // in column x in cycle t + 2 + x
}

TEST(Route, ProductsCoverASetExactlyOnce) {
  const auto chip = array(3, 3);
  std::vector<bool> cores{true, true, false, true, true, false, false, false, true};
  std::vector<int> covered(9, 0);
  for (const Destination& to : products(cores, chip))
    for (std::uint32_t core = 0; core < 9; ++core)
      if (to.columns >> core % 3 & 1U && to.rows >> core / 3 & 1U) ++covered[core];
  for (std::size_t core = 0; core < 9; ++core) EXPECT_EQ(covered[core], cores[core] ? 1 : 0);
  EXPECT_EQ(products(cores, chip).size(), 2U);
}

}  // namespace
}  // namespace northpole::schedule
