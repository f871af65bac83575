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
  Mapping columns = whole;
  columns.pixel_columns = 2;
  EXPECT_NE(table.number(halves), table.number(columns));
  EXPECT_NE(table.number(whole), table.number(halves));
  EXPECT_EQ(table.number(halves), table.number(halves));
  const TransferCost& one = table.between(1, 0, tensor, table.number(whole), table.number(whole));
  EXPECT_GT(one.words, 0U);
  EXPECT_EQ(&one, &table.between(1, 0, tensor, table.number(halves), table.number(halves)));
  EXPECT_EQ(&one, &table.between(1, 0, tensor, table.number(columns), table.number(halves)));
}

// A picture's rows lie where they are used, unless that leaves too many to one row of the array.
TEST(TransferTable, FramesLieBehindTheRowsThatUseThem) {
  LayerGraphBuilder builder;
  builder.square("conv", builder.input(32, 115, 16, 8), 32, 3, 1, 8);
  const lower::Layer& reader = builder.graph.layers[0];
  const auto& input = builder.graph.tensors[0];
  Mapping mapping;
  for (const auto& [height, part] : {std::pair(7, 7U), std::pair(8, 8U), std::pair(6, 0U), std::pair(15, 0U)}) {
    mapping.tile_height = height;
    EXPECT_EQ(frame_part(input, reader, mapping, 16), part) << height;
  }
  mapping.tile_height = 8;
  mapping.row_output_parts = 2;
  EXPECT_EQ(frame_part(input, reader, mapping, 16), 0U) << "its rows are used in two places";
}

}  // namespace
}  // namespace northpole::map
