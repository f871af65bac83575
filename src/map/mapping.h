// How a layer is spread over the array: which core makes which part of its output, and of which input channels.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "chip/chip_description.h"
#include "lower/layer.h"

namespace northpole::map {

// Positions [y0, y1) x [x0, x1) of channel blocks [block0, block1).
struct Region {
  std::int32_t y0 = 0, y1 = 0, x0 = 0, x1 = 0, block0 = 0, block1 = 0;
  std::int32_t height() const { return y1 - y0; }
  std::int32_t width() const { return x1 - x0; }
  std::int32_t blocks() const { return block1 - block0; }
  bool empty() const { return y0 >= y1 || x0 >= x1 || block0 >= block1; }
  bool operator==(const Region&) const = default;
};

// Array row  = row_output_part * y_parts + y_part.
// Array column = (column_output_part * x_parts + x_part) * input_parts + input_part.
// Output part  = row_output_part * column_output_parts + column_output_part.
// Cores of one output and several input parts lie side by side: their partial sums are added from east to west, and the
// core with input part 0 owns the result.
struct Mapping {
  std::int32_t y_parts = 1, row_output_parts = 1;
  std::int32_t x_parts = 1, column_output_parts = 1, input_parts = 1;
  std::int32_t tile_height = 1, tile_width = 1, tile_blocks = 1;  // of the output, of every core but those at the edge

  bool operator==(const Mapping&) const = default;
};

// What one core does in a layer.
struct CorePart {
  Region output;  // what it makes; empty: the core idles
  std::int32_t input_part = 0;
  std::int32_t output_part = 0;
};
CorePart part_of(const Mapping& mapping, const lower::StoredTensor& output, const chip::ChipDescription& chip,
                 std::uint32_t core);

// The part of view `input` of the layer that a core reads, in logical rows, columns and view blocks.
Region input_region(const lower::Layer& layer, const Mapping& mapping, const CorePart& part, std::size_t input);

}  // namespace northpole::map
