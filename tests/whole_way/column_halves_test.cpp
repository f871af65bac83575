// Tiles of one row, passed in halves of columns that lie in two banks: taps of a column of the window go together.
#include "support/small_network.h"

namespace northpole::tests {
namespace {

using reference::int8;

// Three convolutions of 14 x 14 pixels, every row of the picture in a row of cores.
struct Convolutions : SmallNetwork {
  Convolutions() : SmallNetwork({1, 64, 14, 14}) {
    std::string made = x;
    for (const std::int64_t window : {1, 3, 3, 1}) {
      made = quantize(conv(made, {64, 64, window, window}, window / 2), int8(0.3F));
      if (window == 3) made = quantize(node("Relu", {made}), int8(0.3F));
    }
    output(made);
  }

  void equals_reference_in_halves(std::int32_t columns, std::int32_t inputs, bool one_bank,
                                  std::uint32_t weight_blocks = 64) const {
    Compilation compilation;
    compilation.mappings = [=](const lower::LayerGraph& layers) {
      map::Mapping mapping;
      mapping.y_parts = 14;
      mapping.x_parts = 2;
      mapping.column_output_parts = 2 / inputs;
      mapping.input_parts = inputs;
      mapping.tile_height = 1;
      mapping.tile_width = 7;
      mapping.tile_blocks = inputs;
      mapping.pixel_columns = columns;
      mapping.one_bank = one_bank;
      return std::vector<map::Mapping>(layers.layers.size(), mapping);
    };
    chip::ChipDescription chip = array(14, 4);
    chip.weight_blocks = weight_blocks;
    const WholeWay way = whole_way(graph, chip, 2, compilation);
    EXPECT_EQ(way.refused, "");
    EXPECT_EQ(way.failed, "");
  }
};

TEST(ColumnHalves, EqualTheReference) {
  const Convolutions network;
  for (const std::int32_t columns : {4, 3, 2})
    for (const std::int32_t inputs : {1, 2})
      for (const bool one_bank : {false, true}) network.equals_reference_in_halves(columns, inputs, one_bank);
}

// Taps that go together have their blocks in the weight buffer at the same time.
TEST(ColumnHalves, FitIntoASmallWeightBuffer) {
  const Convolutions network;
  for (const std::uint32_t blocks : {1U, 2U, 4U, 8U}) network.equals_reference_in_halves(4, 1, false, blocks);
}

}  // namespace
}  // namespace northpole::tests
