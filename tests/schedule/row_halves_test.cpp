// Rows that are there early and rows that come late, and where they lie.
#include "schedule/row_halves.h"

#include <gmock/gmock.h>

#include "map/layer_graphs.h"
#include "network/error.h"
#include "schedule/holding_room.h"
#include "schedule/home.h"

namespace northpole::schedule {
namespace {

using map::Region;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;

std::vector<std::pair<std::int32_t, bool>> rows_of(const std::vector<RowSegment>& segments) {
  std::vector<std::pair<std::int32_t, bool>> result;
  for (const RowSegment& segment : segments) result.emplace_back(segment.first_row, segment.late);
  return result;
}

// A border of one row around four: the row above is the last of the neighbour's, the row below the first.
TEST(RowHalves, NeighboursMakeTheirRowsAlike) {
  map::PixelTiles tiles;
  tiles.height = 2;
  tiles.down = 2;
  EXPECT_THAT(rows_of(halves(6, 1, 4, tiles)),
              ElementsAre(Pair(0, true), Pair(1, false), Pair(3, true), Pair(5, false)));
  EXPECT_THAT(rows_of(halves(4, 0, 4, tiles)), ElementsAre(Pair(0, false), Pair(2, true)));
  tiles.down = 1;
  EXPECT_THAT(halves(6, 1, 4, tiles), IsEmpty());
}

// Two cores hold four rows each; who reads all eight, and padding, sees the rows in the order in which they are
// written.
class InTime : public testing::Test {
 protected:
  InTime() {
    tensor_ = builder_.square("made", builder_.input(32, 8, 8, 8), 32, 1, 1, 8);
    builder_.square("reader", tensor_, 32, 3, 1, 8);
    holding_.regions = {{0, 4, 0, 8, 0, 1}, {4, 8, 0, 8, 0, 1}};
    for (const Region& region : holding_.regions)
      holding_.ready.emplace_back(static_cast<std::size_t>(region.height() * region.width()), Cycle{100});
    places_.resize(builder_.graph.tensors.size());
    Places& places = places_[static_cast<std::size_t>(tensor_)];
    places.holding = &holding_;
    for (std::uint32_t core = 0; core < 2; ++core)
      places.pieces.push_back({false, core, holding_.regions[core], 0, 8, 1});
  }
  void written(std::uint32_t core, std::int32_t y, Cycle cycle) {
    for (std::int32_t x = 0; x < 8; ++x) holding_.when(core, y, x, 0) = cycle;
  }
  std::vector<std::pair<std::int32_t, bool>> seen() const {
    return rows_of(halves_in_time(builder_.graph.layers.back().inputs[0], {{0, 10, 0, 10, 0, 1}}, places_));
  }

  map::LayerGraphBuilder builder_;
  std::int32_t tensor_ = 0;
  Holding holding_;
  std::vector<Places> places_;
};

TEST_F(InTime, RowsWrittenTogetherStayTogether) { EXPECT_THAT(seen(), IsEmpty()); }

TEST_F(InTime, LateRowsAreApartAndPaddingGoesWithItsNeighbour) {
  for (std::int32_t y = 4; y < 8; ++y) written(1, y, 150);
  EXPECT_THAT(seen(), ElementsAre(Pair(0, false), Pair(5, true)));
}

TEST_F(InTime, RowsInTurnsStayTogether) {
  for (std::int32_t y = 0; y < 4; y += 2) {
    written(0, y, 150);
    written(1, y + 4, 150);
  }
  EXPECT_THAT(seen(), IsEmpty());
}

TEST(HoldingRoom, HalvesLieInTheBanksThatSuitThem) {
  chip::ChipDescription chip;
  chip.banks = 4;
  HoldingRoom room(chip, {100, 100, 100});
  Holding holding;
  holding.regions = {{0, 6, 0, 4, 0, 2}};
  holding.segments = {{0, 0, {}, true}, {1, 0, {}, false}, {3, 0, {}, true}};
  std::uint32_t asked_with = 9;
  const auto late = [&](std::uint32_t early) {
    asked_with = early;
    return HoldingRoom::Banks{2, 0, 1};
  };
  room.take_halves(holding, {1, 0, 2}, late, 0, 64, "a layer");
  EXPECT_EQ(asked_with, 1U);
  for (const RowSegment& segment : holding.segments)
    EXPECT_EQ(segment.base / chip.bank_words, segment.late ? 2U : 1U) << segment.first_row;
  EXPECT_EQ(holding.taken.size(), 3U);
  EXPECT_EQ(holding.first_word(0), holding.segments[0].base);
  EXPECT_EQ(holding.first_word(2), holding.segments[1].base + 8);
  // All words of a bank can be had when these are given back.
  Holding next;
  next.regions = {{0, 12, 0, 4, 0, 2}};
  EXPECT_THROW(room.take(next, {1}, 0, 64, "another"), Error);
  room.give_back(holding);
  room.take(next, {1}, 0, 64, "another");
  EXPECT_EQ(next.base / chip.bank_words, 1U);
}

// A tensor that is made inside its reader's border lies in the same words, whichever segments the border is cut into.
TEST(Home, OutputAndBorderAreTheSameWords) {
  const chip::ChipDescription chip;
  for (const bool cut : {false, true}) {
    HoldingRoom room(chip, {500, 500, 500});
    Home home;
    home.top = home.left = 1;
    home.around.regions = {{0, 6, 0, 6, 0, 2}, {4, 10, 0, 6, 0, 2}};
    Holding output;
    output.regions = {{0, 4, 0, 4, 0, 2}, {4, 8, 0, 4, 0, 2}};
    // Cores begin at different rows of their border: the picture's first row has no neighbour above it.
    home.around.regions[1].y0 = 4;
    if (cut) {
      home.around.segments = {{0, 0, {}, true}, {1, 0, {}, false}, {3, 0, {}, true}, {5, 0, {}, false}};
      room.take_halves(
          home.around, {0, 1, 2},
          [](std::uint32_t) {
            return HoldingRoom::Banks{1, 2, 0};
          },
          0, 64, "a layer");
    } else {
      room.take(home.around, {0}, 0, 64, "a layer");
    }
    home.put(output);
    for (std::uint32_t core = 0; core < 2; ++core) {
      const Region& own = output.regions[core];
      for (std::int32_t y = own.y0; y < own.y1; ++y)
        for (std::int32_t x = own.x0; x < own.x1; ++x)
          for (std::int32_t block = 0; block < 2; ++block)
            EXPECT_EQ(output.address(core, y, x, block), home.around.address(core, y + 1, x + 1, block))
                << cut << ' ' << core << ' ' << y << ' ' << x;
    }
    EXPECT_EQ(output.taken.size(), cut ? 4U : 1U);
  }
}

}  // namespace
}  // namespace northpole::schedule
