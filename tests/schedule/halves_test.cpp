// Rows and columns that are there early and those that come late, and where they lie.
#include "schedule/halves.h"

#include <gmock/gmock.h>

#include <set>

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

std::vector<std::pair<std::int32_t, bool>> places_of(const std::vector<Segment>& segments) {
  std::vector<std::pair<std::int32_t, bool>> result;
  for (const Segment& segment : segments) result.emplace_back(segment.first, segment.late);
  return result;
}

// A border of one row around four: the row above is the last of the neighbour's, the row below the first.
TEST(Halves, NeighboursMakeTheirRowsAlike) {
  EXPECT_THAT(places_of(halves(6, 1, 4, 2)), ElementsAre(Pair(0, true), Pair(1, false), Pair(3, true), Pair(5, false)));
  EXPECT_THAT(places_of(halves(4, 0, 4, 2)), ElementsAre(Pair(0, false), Pair(2, true)));
  EXPECT_THAT(halves(6, 1, 4, 4), IsEmpty());
}

TEST(Halves, OfAMapping) {
  const chip::ChipDescription chip;
  map::Mapping mapping;
  mapping.tile_height = 1;
  mapping.tile_width = 7;
  const auto along = [&] { return halves_of(mapping, map::pixel_tiles(mapping, chip)); };
  EXPECT_EQ(along(), Halves::none);
  mapping.pixel_columns = 4;
  EXPECT_EQ(along(), Halves::columns);
  mapping.one_bank = true;
  EXPECT_EQ(along(), Halves::none);
  mapping.one_bank = false;
  mapping.tile_height = 2;  // halves of columns are for tiles of one row
  EXPECT_EQ(along(), Halves::none);
  mapping.pixel_columns = 0;
  mapping.pixel_rows = 1;
  EXPECT_EQ(along(), Halves::rows);
}

// Pixels that lie in one segment are one run: whole rows, or a part of each row.
TEST(Halves, RunsOfPixels) {
  Holding holding;
  const auto runs = [&](std::int32_t rows, std::int32_t columns) {
    std::vector<std::vector<std::int32_t>> result;
    for (const PixelRun& run : runs_of(holding, rows, columns, [&](std::int32_t row, std::int32_t column) {
           return holding.segment_of(row, column);
         }))
      result.push_back({run.row, run.rows, run.column, run.columns});
    return result;
  };
  EXPECT_THAT(runs(2, 3), ElementsAre(ElementsAre(0, 2, 0, 3)));
  holding.segments = {{0, 0, {}, false}, {2, 0, {}, true}};
  EXPECT_THAT(runs(3, 4), ElementsAre(ElementsAre(0, 2, 0, 4), ElementsAre(2, 1, 0, 4)));
  holding.in_columns = true;
  EXPECT_THAT(runs(2, 3), ElementsAre(ElementsAre(0, 1, 0, 2), ElementsAre(0, 1, 2, 1), ElementsAre(1, 1, 0, 2),
                                      ElementsAre(1, 1, 2, 1)));
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
  std::vector<std::pair<std::int32_t, bool>> seen(Halves along = Halves::rows) const {
    return places_of(halves_in_time(builder_.graph.layers.back().inputs[0], {{0, 10, 0, 10, 0, 1}}, places_, along));
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

TEST_F(InTime, LateColumnsAreApart) {
  for (std::uint32_t core = 0; core < 2; ++core)
    for (std::int32_t y = 0; y < 4; ++y)
      for (std::int32_t x = 5; x < 8; ++x) holding_.when(core, y + 4 * static_cast<std::int32_t>(core), x, 0) = 150;
  EXPECT_THAT(seen(Halves::columns), ElementsAre(Pair(0, false), Pair(6, true)));
  EXPECT_THAT(seen(Halves::rows), IsEmpty());
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
  for (const Segment& segment : holding.segments)
    EXPECT_EQ(segment.base / chip.bank_words, segment.late ? 2U : 1U) << segment.first;
  EXPECT_EQ(holding.taken.size(), 3U);
  EXPECT_EQ(holding.word(0, 0), holding.segments[0].base);
  EXPECT_EQ(holding.word(2, 0), holding.segments[1].base + 8);
  // All words of a bank can be had when these are given back.
  Holding next;
  next.regions = {{0, 12, 0, 4, 0, 2}};
  EXPECT_THROW(room.take(next, {1}, 0, 64, "another"), Error);
  room.give_back(holding);
  room.take(next, {1}, 0, 64, "another");
  EXPECT_EQ(next.base / chip.bank_words, 1U);
}

TEST(HoldingRoom, HalvesOfColumnsDoNotMeet) {
  const chip::ChipDescription chip;
  HoldingRoom room(chip, {100, 100, 100});
  Holding holding;
  holding.regions = {{0, 3, 0, 9, 0, 2}};
  holding.in_columns = true;
  holding.segments = {{0, 0, {}, true}, {1, 0, {}, false}, {5, 0, {}, true}, {8, 0, {}, false}};
  room.take_halves(
      holding, {1, 0, 2},
      [](std::uint32_t) {
        return HoldingRoom::Banks{2, 0, 1};
      },
      0, 64, "a layer");
  std::set<std::uint32_t> addresses;
  for (std::int32_t y = 0; y < 3; ++y)
    for (std::int32_t x = 0; x < 9; ++x)
      for (std::int32_t block = 0; block < 2; ++block) {
        const std::uint32_t address = holding.address(0, y, x, block);
        EXPECT_TRUE(addresses.insert(address).second) << y << ' ' << x;
        EXPECT_EQ(address / chip.bank_words, x == 0 || (x >= 5 && x < 8) ? 2U : 1U) << x;
        const Segment& segment = holding.segments[static_cast<std::size_t>(holding.segment_of(y, x))];
        EXPECT_GE(address, segment.buffer.base);
        EXPECT_LT(address, segment.buffer.base + segment.buffer.words);
      }
  EXPECT_EQ(holding.part(0, 2), (Region{0, 3, 5, 8, 0, 2}));
}

// A tensor that is made inside its reader's border lies in the same words, whichever segments the border is cut into.
TEST(Home, OutputAndBorderAreTheSameWords) {
  const chip::ChipDescription chip;
  for (const Halves along : {Halves::none, Halves::rows, Halves::columns}) {
    const bool cut = along != Halves::none;
    HoldingRoom room(chip, {500, 500, 500});
    Home home;
    home.top = home.left = 1;
    home.around.regions = {{0, 6, 0, 6, 0, 2}, {4, 10, 0, 6, 0, 2}};
    Holding output;
    output.regions = {{0, 4, 0, 4, 0, 2}, {4, 8, 0, 4, 0, 2}};
    // Cores begin at different rows of their border: the picture's first row has no neighbour above it.
    home.around.regions[1].y0 = 4;
    if (cut) {
      home.around.in_columns = along == Halves::columns;
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
                << static_cast<int>(along) << ' ' << core << ' ' << y << ' ' << x;
    }
    EXPECT_EQ(output.taken.size(), cut ? 4U : 1U);
  }
}

}  // namespace
}  // namespace northpole::schedule
