#include "schedule/weight_links.h"

#include <gtest/gtest.h>

#include "schedule/memory_plan.h"

namespace northpole::schedule {
namespace {

TEST(WeightLinks, CountsTheBusiestLinkOfALane) {
  const chip::ChipDescription chip;
  WeightLinks links(chip);
  // From row 3, columns 0 and 4, to columns 8 and 12: both pass columns 4 to 8 of the row.
  const std::vector<Destination> eighth{{1U << 8, 0xffff}}, twelfth{{1U << 12, 0xffff}};
  links.add(0, 3 * 16, eighth, 100);
  EXPECT_EQ(links.busiest(0, 3 * 16 + 4, twelfth), 100U);
  EXPECT_EQ(links.busiest(1, 3 * 16 + 4, twelfth), 0U) << "lanes have links of their own";
  EXPECT_EQ(links.busiest(0, 4 * 16 + 4, twelfth), 0U) << "rows too";
  EXPECT_EQ(links.busiest(0, 3 * 16 + 8, twelfth), 0U) << "behind the first one's end";
  EXPECT_EQ(links.busiest(1, 3 * 16, twelfth), 100U) << "a core sends one word a cycle";
  links.add(0, 3 * 16 + 4, twelfth, 30);
  EXPECT_EQ(links.busiest(0, 3 * 16 + 5, twelfth), 130U);
}

// Eight parts of a layer, each used in columns p and p + 8: no two stripes of a lane lie in one row, so that their
// words never wait for each other between the columns.
TEST(WeightLinks, KeepersShareNoLinkWhereTheyNeedNot) {
  const chip::ChipDescription chip;
  MemoryPlan memory(chip, 1536);
  WeightLinks links(chip);
  std::vector<std::vector<Destination>> destinations;
  for (std::uint32_t p = 0; p < 8; ++p) {
    std::vector<bool> users(chip.cores(), false);
    for (std::uint32_t row = 0; row < 14; ++row) users[row * 16 + p] = users[row * 16 + p + 8] = true;
    destinations.push_back(products(users, chip));
    const auto keepers = memory.keepers(4, users, 128, 0, [&](std::uint32_t lane, std::uint32_t core) {
      return links.busiest(lane, core, destinations.back());
    });
    ASSERT_EQ(keepers.size(), 4U);
    for (std::uint32_t lane = 0; lane < 4; ++lane) {
      EXPECT_TRUE(users[keepers[lane]]);
      EXPECT_EQ(links.busiest(lane, keepers[lane], destinations.back()), 0U) << p << ", lane " << lane;
      links.add(lane, keepers[lane], destinations.back(), 128);
      memory.reserve_weights(keepers[lane], 1, 128);
    }
  }
}

}  // namespace
}  // namespace northpole::schedule
