#include "map/mapping.h"

#include <gmock/gmock.h>

#include <map>
#include <set>
#include <tuple>

#include "map/candidates.h"
#include "network/error.h"

namespace northpole::map {
namespace {

lower::StoredTensor tensor(std::int32_t channels, std::int32_t height, std::int32_t width) {
  lower::StoredTensor result;
  result.channels = channels;
  result.height = height;
  result.width = width;
  return result;
}

lower::Layer convolution(std::int32_t output_blocks, std::int32_t input_blocks, std::int32_t window,
                         std::int32_t stride) {
  lower::Layer layer;
  layer.name = "conv";
  layer.window_height = layer.window_width = window;
  layer.stride_y = layer.stride_x = stride;
  layer.weights.used_blocks = input_blocks;
  layer.weights.first_block.assign(static_cast<std::size_t>(output_blocks), 0);
  layer.inputs.resize(1);
  return layer;
}

// Every output word must have exactly one owner, and each of its input parts one core.
void expect_partition(const Mapping& mapping, const lower::StoredTensor& output, const chip::ChipDescription& chip) {
  std::map<std::tuple<int, int, int>, std::multiset<int>> made;
  for (std::uint32_t core = 0; core < chip.cores(); ++core) {
    const CorePart part = part_of(mapping, output, chip, core);
    for (int y = part.output.y0; y < part.output.y1; ++y)
      for (int x = part.output.x0; x < part.output.x1; ++x)
        for (int b = part.output.block0; b < part.output.block1; ++b) made[{y, x, b}].insert(part.input_part);
  }
  ASSERT_EQ(made.size(), static_cast<std::size_t>(output.height * output.width * output.blocks()));
  for (const auto& [word, parts] : made) {
    ASSERT_EQ(parts.size(), static_cast<std::size_t>(mapping.input_parts));
    ASSERT_EQ(std::set<int>(parts.begin(), parts.end()).size(), parts.size());
  }
}

TEST(Mapping, EveryCandidateIsAPartition) {
  chip::ChipDescription chip;
  chip.rows = 4;
  chip.columns = 6;
  const int shapes[][5] = {{64, 112, 112, 1, 1}, {256, 56, 56, 2, 1}, {2048, 7, 7, 16, 1},
                           {1000, 1, 1, 64, 1},  {40, 13, 9, 2, 3},   {24, 5, 31, 1, 3}};
  for (const auto& s : shapes) {
    const auto output = tensor(s[0], s[1], s[2]);
    const auto layer = convolution(output.blocks(), s[3], s[4], 1);
    for (const std::uint32_t group_rows : {1, 4}) {
      chip.rows = group_rows;
      const auto all = candidates(layer, output, chip, group_rows);
      EXPECT_FALSE(all.empty());
      for (std::size_t i = 0; i < all.size(); i += 1 + all.size() / 8) expect_partition(all[i], output, chip);
    }
  }
}

TEST(Mapping, InputRegionsCoverWindowsWithTheirHalo) {
  chip::ChipDescription chip;
  chip.rows = chip.columns = 2;
  Mapping mapping;
  mapping.y_parts = 2;
  mapping.tile_height = 4;
  mapping.tile_width = 8;
  mapping.tile_blocks = 1;
  const auto output = tensor(32, 8, 8);
  const auto layer = convolution(1, 3, 3, 2);
  const Region region = input_region(layer, mapping, part_of(mapping, output, chip, 2), 0);
  EXPECT_EQ(region, (Region{8, 17, 0, 17, 0, 3}));
}

TEST(Mapping, InputPartsShareTheBlocks) {
  chip::ChipDescription chip;
  chip.rows = 1;
  chip.columns = 4;
  Mapping mapping;
  mapping.input_parts = 4;
  const auto output = tensor(32, 1, 1);
  const auto layer = convolution(1, 8, 1, 1);
  for (std::uint32_t core = 0; core < 4; ++core) {
    const Region region = input_region(layer, mapping, part_of(mapping, output, chip, core), 0);
    EXPECT_EQ(region.block0, static_cast<int>(core) * 2);
    EXPECT_EQ(region.block1, static_cast<int>(core) * 2 + 2);
  }
}

TEST(Mapping, RowsOfTilesGoOverColumnsToo) {
  chip::ChipDescription group;
  group.rows = 2;
  group.columns = 8;
  Mapping mapping;
  mapping.y_parts = 2;
  mapping.column_y_parts = 4;
  mapping.x_parts = 2;
  mapping.tile_height = 2;
  mapping.tile_width = 3;
  const auto output = tensor(32, 14, 6);
  expect_partition(mapping, output, group);
  // Row 1, column (column_y_part 1, x_part 1): the sixth row of tiles.
  EXPECT_EQ(part_of(mapping, output, group, 8 + 3).output, (Region{10, 12, 3, 6, 0, 1}));
  EXPECT_TRUE(part_of(mapping, output, group, 8 + 6).output.empty());  // rows 14 and 15 are not there
}

TEST(Mapping, WordsOfNarrowElementsHoldSeveralLaneGroups) {
  auto output = tensor(160, 1, 1);
  output.quantization.bits = 4;  // words of 64 channels: 2, 2 and 1 lane groups
  EXPECT_EQ(lane_groups({0, 1, 0, 1, 0, 2}, output).count(), 4);
  EXPECT_EQ(lane_groups({0, 1, 0, 1, 2, 3}, output).first, 4);
  EXPECT_EQ(lane_groups({0, 1, 0, 1, 2, 3}, output).count(), 1);
  // Lane groups that begin at different words of the view: a part reads from the first's first to the last's last.
  lower::Layer layer = convolution(5, 2, 1, 1);
  layer.weights.first_block = {0, 1, 2, 3, 4};
  Mapping mapping;
  mapping.column_output_parts = 3;
  mapping.input_parts = 2;
  chip::ChipDescription chip;
  EXPECT_EQ(input_region(layer, output, mapping, part_of(mapping, output, chip, 2), 0), (Region{0, 1, 0, 1, 2, 4}));
  EXPECT_EQ(input_region(layer, output, mapping, part_of(mapping, output, chip, 5), 0), (Region{0, 1, 0, 1, 5, 6}));
}

TEST(Mapping, InputPartsMayDiffer) {
  const auto layer = convolution(1, 5, 1, 1);
  Mapping mapping;
  mapping.input_parts = 3;
  std::int32_t next = 0;
  for (std::int32_t part = 0; part < 3; ++part) {
    const InputSlice slice = input_slice(layer, mapping, part);
    EXPECT_EQ(slice.first, next);
    EXPECT_GE(slice.count(), 1);
    EXPECT_LE(slice.count(), 2);
    next = slice.end;
  }
  EXPECT_EQ(next, 5);
}

TEST(Mapping, OwnersAloneReadASecondOperand) {
  auto layer = convolution(2, 2, 3, 1);
  layer.inputs.resize(2);
  Mapping mapping;
  mapping.input_parts = 2;
  mapping.tile_height = 4;
  mapping.tile_width = 4;
  mapping.tile_blocks = 2;
  const auto output = tensor(64, 4, 4);
  const chip::ChipDescription chip;
  EXPECT_EQ(input_region(layer, output, mapping, part_of(mapping, output, chip, 0), 1), (Region{0, 4, 0, 4, 0, 2}));
  EXPECT_TRUE(input_region(layer, output, mapping, part_of(mapping, output, chip, 1), 1).empty());
}

// A sum of 4 bit with a branch of 8 bit beside it: twice as many words hold the same lane groups; and the other way round.
TEST(Mapping, AnOperandOfAnotherWidthLiesInOtherWords) {
  auto layer = convolution(2, 2, 3, 1);
  layer.inputs.resize(2);
  Mapping mapping;
  mapping.tile_height = 4;
  mapping.tile_width = 4;
  mapping.tile_blocks = 1;
  auto output = tensor(160, 4, 4);
  output.quantization.bits = 4;
  const chip::ChipDescription chip;
  CorePart part;
  part.output = {0, 4, 0, 4, 1, 2};
  EXPECT_EQ(input_region(layer, output, mapping, part, 1), (Region{0, 4, 0, 4, 2, 4}));
  part.output = {0, 4, 0, 4, 2, 3};  // the last 32 channels
  EXPECT_EQ(input_region(layer, output, mapping, part, 1), (Region{0, 4, 0, 4, 4, 5}));
  output.quantization.bits = 8;
  layer.inputs[1].quantization.bits = 2;
  part.output = {0, 4, 0, 4, 3, 5};
  EXPECT_EQ(input_region(layer, output, mapping, part, 1), (Region{0, 4, 0, 4, 0, 2}));
  layer.kind = lower::LayerKind::elementwise;
  EXPECT_EQ(input_region(layer, output, mapping, part, 1).block1, 2);
}

TEST(Mapping, PhasesShareColumnsOfTheView) {
  auto layer = convolution(1, 1, 1, 1);
  layer.window_width = 2;
  layer.phases = 3;
  Mapping mapping;
  mapping.x_parts = 2;
  mapping.tile_width = 5;
  const auto output = tensor(32, 1, 10);
  const chip::ChipDescription chip;
  EXPECT_EQ(input_region(layer, output, mapping, part_of(mapping, output, chip, 0), 0), (Region{0, 1, 0, 3, 0, 1}));
  EXPECT_EQ(input_region(layer, output, mapping, part_of(mapping, output, chip, 1), 0), (Region{0, 1, 1, 5, 0, 1}));
}

TEST(Mapping, WhatFitsNowhereIsRefusedWithItsSize) {
  chip::ChipDescription chip;
  chip.rows = chip.columns = 1;
  chip.bank_words = 64;
  const auto output = tensor(32, 32, 32);
  EXPECT_THROW(candidates(convolution(1, 1, 3, 1), output, chip, chip.rows), Error);
}

}  // namespace
}  // namespace northpole::map
