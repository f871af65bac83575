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

// How the output of a layer is cut over the cores of a group: `group_rows` rows of the array that work on one frame
// (all rows, or fewer when several frames run side by side). `core` counts within the group: row in the group * columns
// + column.
//
// Row in the group = row_output_part * y_parts + y_part.
// Array column     = ((column_output_part * column_y_parts + column_y_part) * x_parts + x_part) * input_parts + input_part;
// where outputs lie inside: ((column_y_part * x_parts + x_part) * column_output_parts + column_output_part) * input_parts +
// input_part. Output part = row_output_part * column_output_parts + column_output_part. Row of tiles = y_part *
// column_y_parts + column_y_part. Cores of one output and several input parts lie side by side: their partial sums are
// added from east to west, and the core with input part 0 owns the result.
struct Mapping {
  std::int32_t y_parts = 1, row_output_parts = 1;
  std::int32_t x_parts = 1, column_output_parts = 1, input_parts = 1;
  // Of the output, of every core but those at the edge; tile_blocks in words of a position.
  std::int32_t tile_height = 1, tile_width = 1, tile_blocks = 1;
  std::int32_t column_y_parts = 1;
  // Most rows of a pixel tile (see cost.h); 0: as many as the partial sums hold. Fewer where the first inputs come
  // slowly, or half of them, so that words of one half travel while the other is computed.
  std::int32_t pixel_rows = 0;
  // The same of its columns, where a tile has a single row.
  std::int32_t pixel_columns = 0;
  // Halves lie in one bank, where two are wanted more by something else.
  bool one_bank = false;
  // Cores of one tile and different output parts lie side by side, rather than those of one output part: what follows
  // finds all channels of a pixel near.
  bool outputs_inside = false;

  std::int32_t tile_rows() const { return y_parts * column_y_parts; }
  std::int32_t output_parts() const { return row_output_parts * column_output_parts; }
  // Columns from one part to the next.
  std::int32_t x_stride() const { return (outputs_inside ? column_output_parts : 1) * input_parts; }
  std::int32_t column_y_stride() const { return x_parts * x_stride(); }
  std::int32_t column_output_stride() const {
    return outputs_inside ? input_parts : column_y_parts * x_parts * input_parts;
  }
  std::int32_t used_rows() const { return row_output_parts * y_parts; }
  std::int32_t used_columns() const { return column_output_parts * column_y_parts * x_parts * input_parts; }
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

// Lane groups (32 channels) of the output that lie in the region's words.
struct LaneGroups {
  std::int32_t first = 0, end = 0;
  std::int32_t count() const { return end - first; }
};
LaneGroups lane_groups(const Region& region, const lower::StoredTensor& output);

// The words that each lane group of a linear layer takes of the view in input part `input_part`: of those of lane group
// o, weights.first_block[o] + first .. weights.first_block[o] + end - 1. Parts differ by one word where they do not
// divide.
struct InputSlice {
  std::int32_t first = 0, end = 0;
  std::int32_t count() const { return end - first; }
};
InputSlice input_slice(const lower::Layer& layer, const Mapping& mapping, std::int32_t input_part);

// The part of view `input` of the layer that a core reads, in logical rows, columns and view blocks; empty where it
// reads nothing of it: the second operand of a linear layer is read by the owners (input part 0) alone.
Region input_region(const lower::Layer& layer, const lower::StoredTensor& output, const Mapping& mapping,
                    const CorePart& part, std::size_t input);
// The same for outputs of one lane group a word (8 bit).
Region input_region(const lower::Layer& layer, const Mapping& mapping, const CorePart& part, std::size_t input);

}  // namespace northpole::map
