// How what a core gathers is cut into streams.
#include <gtest/gtest.h>

#include "map/layer_graphs.h"
#include "schedule/gather.h"

namespace northpole::schedule {
namespace {

// A row of eight words of which the right half is written later: the left half need not wait for it.
TEST(GatherStreams, LateColumnsTravelByThemselves) {
  map::LayerGraphBuilder builder;
  const std::int32_t tensor = builder.square("made", builder.input(32, 1, 8, 8), 32, 1, 1, 8);
  builder.square("reader", tensor, 32, 1, 1, 8);
  const lower::View& view = builder.graph.layers.back().inputs[0];
  Holding source, to;
  source.regions = {{0, 1, 0, 8, 0, 1}, {}};
  source.ready = {std::vector<Cycle>(8, 10), {}};
  for (std::int32_t x = 4; x < 8; ++x) source.when(0, 0, x, 0) = 100;
  to.regions = {{}, {0, 1, 0, 8, 0, 1}};
  std::vector<Places> places(builder.graph.tensors.size());
  places[static_cast<std::size_t>(tensor)].holding = &source;
  places[static_cast<std::size_t>(tensor)].pieces.push_back({false, 0, source.regions[0], 0, 8, 1});
  chip::ChipDescription chip;
  chip.rows = 1;
  chip.columns = 2;
  const auto streams = streams_for(view, to, places, false, chip);
  ASSERT_EQ(streams.size(), 2U);
  EXPECT_EQ(streams[0].count[1], 4);
  EXPECT_EQ(streams[0].soonest, 11U);
  EXPECT_EQ(streams[1].first[1], 4);
  EXPECT_EQ(streams[1].stored[1], 4);
  EXPECT_EQ(streams[1].soonest, 101U);
}

}  // namespace
}  // namespace northpole::schedule
