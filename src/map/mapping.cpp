#include "map/mapping.h"

#include <algorithm>

namespace northpole::map {

CorePart part_of(const Mapping& mapping, const lower::StoredTensor& output, const chip::ChipDescription& chip,
                 std::uint32_t core) {
  const auto row = static_cast<std::int32_t>(core / chip.columns), column = static_cast<std::int32_t>(core % chip.columns);
  CorePart part;
  part.input_part = column % mapping.input_parts;
  const std::int32_t x = column / mapping.x_stride() % mapping.x_parts;
  const std::int32_t column_y = column / mapping.column_y_stride() % mapping.column_y_parts;
  const std::int32_t column_part = column / mapping.column_output_stride() % mapping.column_output_parts;
  const std::int32_t row_part = row / mapping.y_parts;
  if (row_part >= mapping.row_output_parts || column >= mapping.used_columns()) return {};
  part.output_part = row_part * mapping.column_output_parts + column_part;
  const std::int32_t y = row % mapping.y_parts * mapping.column_y_parts + column_y;
  part.output.y0 = y * mapping.tile_height;
  part.output.y1 = std::min(part.output.y0 + mapping.tile_height, output.height);
  part.output.x0 = x * mapping.tile_width;
  part.output.x1 = std::min(part.output.x0 + mapping.tile_width, output.width);
  part.output.block0 = part.output_part * mapping.tile_blocks;
  part.output.block1 = std::min(part.output.block0 + mapping.tile_blocks, output.blocks());
  if (part.output.empty()) part.output = Region{};
  return part;
}

LaneGroups lane_groups(const Region& region, const lower::StoredTensor& output) {
  const std::int32_t of_block = output.groups_of_block();
  return {region.block0 * of_block, std::min(region.block1 * of_block, output.lane_groups())};
}

InputSlice input_slice(const lower::Layer& layer, const Mapping& mapping, std::int32_t input_part) {
  const std::int32_t used = layer.weights.used_blocks;
  return {used * input_part / mapping.input_parts, used * (input_part + 1) / mapping.input_parts};
}

Region input_region(const lower::Layer& layer, const lower::StoredTensor& output, const Mapping& mapping,
                    const CorePart& part, std::size_t input) {
  const Region& out = part.output;
  if (out.empty()) return {};
  // Words of the view that hold the output's lane groups; its elements may be of another width than the output's.
  const LaneGroups groups = lane_groups(out, output);
  const std::int32_t of_word = layer.inputs[input].block_channels() / lower::lanes;
  const std::int32_t block0 = groups.first / of_word, block1 = (groups.end + of_word - 1) / of_word;
  if (static_cast<std::int32_t>(input) == layer.broadcast) return {0, 1, 0, 1, block0, block1};
  const bool linear = layer.kind == lower::LayerKind::linear;
  if (linear && input == 1)
    return part.input_part == 0 ? Region{out.y0, out.y1, out.x0, out.x1, block0, block1} : Region{};
  Region region;
  region.y0 = out.y0 * layer.stride_y;
  region.y1 = (out.y1 - 1) * layer.stride_y + (layer.window_height - 1) * layer.dilation_y + 1;
  region.x0 = out.x0 / layer.phases * layer.stride_x;
  region.x1 = (out.x1 - 1) / layer.phases * layer.stride_x + (layer.window_width - 1) * layer.dilation_x + 1;
  region.block0 = block0;
  region.block1 = block1;
  if (linear) {
    const InputSlice slice = input_slice(layer, mapping, part.input_part);
    const auto first = layer.weights.first_block.begin();
    const auto [low, high] = std::minmax_element(first + groups.first, first + groups.end);
    region.block0 = *low + slice.first;
    region.block1 = *high + slice.end;
  }
  return region;
}

Region input_region(const lower::Layer& layer, const Mapping& mapping, const CorePart& part, std::size_t input) {
  lower::StoredTensor whole_words;
  whole_words.channels = part.output.block1 * lower::lanes;
  return input_region(layer, whole_words, mapping, part, input);
}

}  // namespace northpole::map
