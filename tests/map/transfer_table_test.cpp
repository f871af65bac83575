// What is counted once, and what is told apart.
#include "map/transfer_table.h"

#include <gtest/gtest.h>

#include "map/layer_graphs.h"

namespace northpole::map {
namespace {

// A layer passed in two pixel tiles is another mapping to learn about, though its words travel the same ways.
TEST(TransferTable, PixelTilesMakeAMappingButNoTransfer) {
  LayerGraphBuilder builder;
  const std::int32_t tensor = builder.square("made", builder.input(32, 16, 16, 8), 32, 1, 1, 8);
  builder.square("reader", tensor, 32, 3, 1, 8);
  const chip::ChipDescription chip;
  TransferTable table(builder.graph, chip, 16);
  Mapping whole;
  whole.y_parts = whole.x_parts = 4;
  whole.tile_height = whole.tile_width = 4;
  Mapping halves = whole;
  halves.pixel_rows = 2;
  EXPECT_NE(table.number(whole), table.number(halves));
  EXPECT_EQ(table.number(halves), table.number(halves));
  const TransferCost& one = table.between(1, 0, tensor, table.number(whole), table.number(whole));
  EXPECT_GT(one.words, 0U);
  EXPECT_EQ(&one, &table.between(1, 0, tensor, table.number(halves), table.number(halves)));
}

}  // namespace
}  // namespace northpole::map
