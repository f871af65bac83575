#include "map/cost.h"

#include <gmock/gmock.h>

#include "map/candidates.h"
#include "map/layer_graphs.h"
#include "network/error.h"

namespace northpole::map {
namespace {

// One convolution of 4 bit elements and weights over a tensor of its own.
struct OneLayer {
  LayerGraphBuilder build;
  OneLayer(std::int32_t from, std::int32_t to, std::int32_t size, std::int32_t window, std::int32_t bits = 4) {
    build.input(from, size, size, bits);
    build.square("conv", 0, to, window, 1, bits);
  }
  lower::Layer& layer() { return build.graph.layers[0]; }
  const lower::StoredTensor& output() const { return build.graph.tensors[1]; }
  Cost at(const Mapping& mapping, std::uint32_t group_rows = 1) {
    return cost(layer(), output(), mapping, chip, group_rows);
  }
  chip::ChipDescription chip;
};

Mapping mapping_of(std::int32_t tile_height, std::int32_t tile_width, std::int32_t tile_blocks) {
  Mapping m;
  m.tile_height = tile_height;
  m.tile_width = tile_width;
  m.tile_blocks = tile_blocks;
  return m;
}

TEST(Cost, OfAPointwiseConvolution) {
  OneLayer one(64, 256, 56, 1);
  Mapping m = mapping_of(7, 28, 4);  // 196 pixels, 8 lane groups
  m.column_y_parts = 8;
  m.x_parts = 2;
  const Cost c = one.at(m);
  EXPECT_EQ(c.arithmetic, 196U * 8);
  EXPECT_EQ(c.weights, 8U * 32 / 4);              // 8 blocks of 1 KiB, four words a cycle
  EXPECT_EQ(c.vector, 196U * 8 + 8 + 2 + 8 * 8);  // an idle cycle after each lane group; function; constants
  EXPECT_EQ(c.partial_sums, 0U);
  EXPECT_EQ(c.activations, 196U);
  EXPECT_EQ(c.memory, (196U * 8 + 196 * 8 + 196 + 2) / 3);  // VMM, outputs, received
  EXPECT_EQ(c.bound(), "vector unit");
}

TEST(Cost, WeightsComeAgainForEveryPixelTileUnlessTheyStay) {
  OneLayer one(64, 64, 28, 3);
  const Mapping m = mapping_of(28, 28, 1);  // 784 pixels: four tiles of 7 rows; 18 blocks stay
  EXPECT_EQ(pixel_tiles(m, one.chip).count(), 4);
  EXPECT_EQ(pixel_tiles(m, one.chip).height, 7);
  EXPECT_EQ(one.at(m).weights, 18U * 32 / 4);
  OneLayer more(256, 64, 28, 3);
  EXPECT_EQ(more.at(m).weights, 4U * 72 * 32 / 4);  // 72 blocks do not fit
  EXPECT_EQ(more.at(m).arithmetic, 784U * 2 * 9 * 4);
  OneLayer just(128, 64, 28, 3);
  just.chip.weight_blocks = 36;
  EXPECT_EQ(just.at(m).weights, 4U * 36 * 32 / 4);  // nor do 36 of 36: one more must have room
  just.chip.weight_blocks = 37;
  EXPECT_EQ(just.at(m).weights, 36U * 32 / 4);
}

TEST(Cost, NarrowWeightsTakeFewerWords) {
  OneLayer one(64, 64, 7, 1, 8);
  const Mapping m = mapping_of(7, 7, 2);
  EXPECT_EQ(one.at(m).weights, 4U * 32 / 4);
  one.layer().weights.bits = 4;
  one.layer().weights.block_bytes = 512;
  EXPECT_EQ(one.at(m).weights, 4U * 16 / 4);
}

TEST(Cost, PartialSumsTakeTheirLinkAndHoldUpTheVectorUnit) {
  OneLayer one(512, 512, 7, 1);
  Mapping m = mapping_of(7, 7, 4);  // 8 lane groups
  m.column_output_parts = 2;
  m.input_parts = 8;  // one word each
  const Cost c = one.at(m);
  EXPECT_EQ(c.arithmetic, 49U * 8);
  EXPECT_EQ(c.partial_sums, 49U * 8 * 2 + 8);
  EXPECT_EQ(c.vector, 49U * 8 * 2 + 8 + 2 + 64);
  EXPECT_EQ(c.bound(), "vector unit");
}

TEST(Cost, RowPartsShareVerticalLinks) {
  OneLayer one(512, 512, 7, 1);
  Mapping m = mapping_of(2, 7, 1);
  m.y_parts = 4;
  m.row_output_parts = 4;
  m.column_output_parts = 2;
  m.input_parts = 4;
  // 2 lane groups x 2 words: 4 blocks into a core. Of the four parts, in rows 0-3, 4-7, 8-11 and 12-15, two lie south
  // of row 10 or reach beyond it: their words from the eleven rows north of there cross to row 11.
  const std::uint64_t words = 4 * 32;
  EXPECT_EQ(one.at(m, 16).weights, words * 2 * 11 / 16 / 4);
  // Two parts, in rows 0-3 and 4-7 of two groups: of both, words from eleven rows go on to row 11.
  m.row_output_parts = 2;
  m.column_output_parts = 4;
  EXPECT_EQ(one.at(m, 8).weights, words * 2 * 11 / 16 / 4);
  m.row_output_parts = 1;
  EXPECT_EQ(one.at(m, 16).weights, words / 4);
}

TEST(Cost, OneBlockForAllProductsComesOnce) {
  LayerGraphBuilder build;
  build.input(64, 7, 7, 8);
  build.convolution("average", 0, {.channels = 64, .window_height = 7, .window_width = 7});
  auto& layer = build.graph.layers[0];
  layer.weights.used_blocks = 1;
  layer.weights.first_block = {0, 1};
  const Mapping m = mapping_of(1, 1, 2);
  const chip::ChipDescription chip;
  EXPECT_EQ(cost(layer, build.tensor(1), m, chip, 1).weights, 2U * 49 * 32 / 4);
  layer.weights.bytes.assign(std::size_t{2} * 49 * 1024, 1);
  EXPECT_EQ(cost(layer, build.tensor(1), m, chip, 1).weights, 2U * 32 / 4);
  EXPECT_EQ(cost(layer, build.tensor(1), m, chip, 1).arithmetic, 2U * 49);
  layer.weights.bytes[std::size_t{60} * 1024] = 2;
  EXPECT_EQ(cost(layer, build.tensor(1), m, chip, 1).weights, 2U * 49 * 32 / 4);
}

TEST(Cost, OfAMaximumPool) {
  LayerGraphBuilder build;
  build.input(64, 16, 16, 4);
  build.max_pool("pool", 0, 3, 2);
  const Cost c = cost(build.graph.layers[0], build.tensor(1), mapping_of(8, 4, 1), chip::ChipDescription{}, 1);
  EXPECT_EQ(c.arithmetic + c.weights + c.partial_sums, 0U);
  EXPECT_EQ(c.vector, 8U * 4 * 2 * 9 + 2);
  EXPECT_EQ(c.activations, 17U * 9);
}

TEST(Cost, PixelTilesHoldAtMostHalfThePartialSums) {
  const chip::ChipDescription chip;
  const Mapping wide = mapping_of(3, 600, 1);
  const PixelTiles tiles = pixel_tiles(wide, chip);
  EXPECT_EQ(tiles.across, 3);
  EXPECT_EQ(tiles.width, 200);
  EXPECT_EQ(tiles.down, 3);
  Mapping fewer = mapping_of(14, 14, 1);
  EXPECT_EQ(pixel_tiles(fewer, chip).count(), 1);
  fewer.pixel_rows = 4;
  EXPECT_EQ(pixel_tiles(fewer, chip).down, 4);
  EXPECT_EQ(pixel_tiles(fewer, chip).height, 4);
  Mapping row = mapping_of(1, 7, 1);
  EXPECT_EQ(pixel_tiles(row, chip).count(), 1);
  row.pixel_columns = 4;
  EXPECT_EQ(pixel_tiles(row, chip).across, 2);
  EXPECT_EQ(pixel_tiles(row, chip).width, 4);
}

TEST(Cost, PhasesThatAreShorterIdleButInTheLastRow) {
  LayerGraphBuilder build;
  build.input(32, 21, 14, 8);
  build.convolution("conv1", 0, {.channels = 32, .window_height = 7, .stride_y = 2, .phases = 2});
  Mapping m = mapping_of(8, 7, 1);  // rows of 7: four columns of one phase, three of the other
  m.x_parts = 4;
  const auto at = [&](const Mapping& mapping) {
    return cost(build.graph.layers[0], build.tensor(1), mapping, chip::ChipDescription{}, 1).arithmetic;
  };
  EXPECT_EQ(at(m), (7U * 8 + 7) * 7);
  m.pixel_rows = 2;
  EXPECT_EQ(at(m), (4U * 8 + 4 * 7) * 7);
  m.pixel_rows = 1;
  EXPECT_EQ(at(m), 8U * 7 * 7);
}

TEST(Candidates, AreDifferentAndFit) {
  OneLayer one(256, 512, 28, 3);
  const auto all = candidates(one.layer(), one.output(), one.chip, 4);
  EXPECT_GT(all.size(), 100U);
  for (std::size_t i = 0; i < all.size(); ++i) {
    EXPECT_LE(all[i].used_rows(), 4);
    EXPECT_LE(all[i].used_columns(), 16);
    EXPECT_EQ(one.layer().weights.used_blocks % all[i].input_parts, 0);
    EXPECT_GE(all[i].tile_rows() * all[i].tile_height, 28);
    EXPECT_GE(all[i].x_parts * all[i].tile_width, 28);
    EXPECT_GE(all[i].output_parts() * all[i].tile_blocks, 8);
    for (std::size_t j = 0; j < i; ++j) EXPECT_FALSE(all[i] == all[j]);
  }
}

TEST(Candidates, WhatFitsNowhereIsRefusedWithWhatItLacks) {
  OneLayer one(64, 64, 56, 3);
  one.chip.rows = one.chip.columns = 2;
  one.chip.bank_words = 600;
  try {
    candidates(one.layer(), one.output(), one.chip, 2);
    FAIL();
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), testing::HasSubstr("layer 'conv' does not fit"));
    EXPECT_THAT(error.what(), testing::HasSubstr("a bank has 600"));
  }
}

}  // namespace
}  // namespace northpole::map
