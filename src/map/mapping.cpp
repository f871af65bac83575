#include "map/mapping.h"

#include <algorithm>

namespace northpole::map {

CorePart part_of(const Mapping& mapping, const lower::StoredTensor& output, const chip::ChipDescription& chip,
                 std::uint32_t core) {
  const auto row = static_cast<std::int32_t>(core / chip.columns),
             column = static_cast<std::int32_t>(core % chip.columns);
  CorePart part;
  const std::int32_t row_part = row / mapping.y_parts;
  const std::int32_t column_part = column / mapping.input_parts / mapping.x_parts;
  if (row_part >= mapping.row_output_parts || column_part >= mapping.column_output_parts) return part;
  part.input_part = column % mapping.input_parts;
  part.output_part = row_part * mapping.column_output_parts + column_part;
  const std::int32_t y = row % mapping.y_parts, x = column / mapping.input_parts % mapping.x_parts;
  part.output.y0 = y * mapping.tile_height;
  part.output.y1 = std::min(part.output.y0 + mapping.tile_height, output.height);
  part.output.x0 = x * mapping.tile_width;
  part.output.x1 = std::min(part.output.x0 + mapping.tile_width, output.width);
  part.output.block0 = part.output_part * mapping.tile_blocks;
  part.output.block1 = std::min(part.output.block0 + mapping.tile_blocks, output.blocks());
  if (part.output.empty()) part.output = Region{};
  return part;
}

Region input_region(const lower::Layer& layer, const Mapping& mapping, const CorePart& part, std::size_t input) {
  const Region& out = part.output;
  if (out.empty()) return {};
  Region region;
  if (static_cast<std::int32_t>(input) == layer.broadcast) {
    region = {0, 1, 0, 1, out.block0, out.block1};
    return region;
  }
  region.y0 = out.y0 * layer.stride_y;
  region.y1 = (out.y1 - 1) * layer.stride_y + (layer.window_height - 1) * layer.dilation_y + 1;
  region.x0 = out.x0 * layer.stride_x;
  region.x1 = (out.x1 - 1) * layer.stride_x + (layer.window_width - 1) * layer.dilation_x + 1;
  region.block0 = out.block0;
  region.block1 = out.block1;
  if (layer.kind == lower::LayerKind::linear) {
    const std::int32_t slice = layer.weights.used_blocks / mapping.input_parts;
    const auto first = layer.weights.first_block.begin();
    const auto [low, high] = std::minmax_element(first + out.block0, first + out.block1);
    region.block0 = *low + part.input_part * slice;
    region.block1 = *high + (part.input_part + 1) * slice;
  }
  return region;
}

}  // namespace northpole::map
