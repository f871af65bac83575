#include "map/candidates.h"

#include <fmt/format.h>

#include <algorithm>

#include "map/cost.h"
#include "network/error.h"

namespace northpole::map {

namespace {

std::int32_t divide_up(std::int32_t a, std::int32_t b) { return (a + b - 1) / b; }

// Sets the tile height for a cut of the rows; false when parts would idle in every row or column.
bool cut_rows(Mapping& m, std::int32_t height) {
  m.tile_height = divide_up(height, m.tile_rows());
  const std::int32_t tiles = divide_up(height, m.tile_height);
  return tiles > (m.y_parts - 1) * m.column_y_parts && tiles >= m.column_y_parts;
}

bool cut_columns(Mapping& m, std::int32_t width) {
  m.tile_width = divide_up(width, m.x_parts);
  return divide_up(width, m.tile_width) == m.x_parts;
}

bool cut_blocks(Mapping& m, std::int32_t blocks) {
  m.tile_blocks = divide_up(blocks, m.output_parts());
  const std::int32_t parts = divide_up(blocks, m.tile_blocks);
  return parts > (m.row_output_parts - 1) * m.column_output_parts && parts >= m.column_output_parts;
}

}  // namespace

std::vector<Mapping> candidates(const lower::Layer& layer, const lower::StoredTensor& output,
                                const chip::ChipDescription& chip, std::uint32_t group_rows) {
  const auto rows = static_cast<std::int32_t>(group_rows), columns = static_cast<std::int32_t>(chip.columns);
  const bool linear = layer.kind == lower::LayerKind::linear;
  const std::uint64_t room = activation_words(chip);
  std::uint64_t least = ~std::uint64_t{0}, least_buffer = ~std::uint64_t{0};
  std::vector<Mapping> result;
  Mapping m;
  for (m.y_parts = 1; m.y_parts <= std::min(rows, output.height); ++m.y_parts)
    for (m.column_y_parts = 1; m.column_y_parts <= std::min(columns, output.height); ++m.column_y_parts) {
      if (!cut_rows(m, output.height)) continue;
      for (m.x_parts = 1; m.x_parts <= std::min(columns / m.column_y_parts, output.width); ++m.x_parts) {
        if (!cut_columns(m, output.width)) continue;
        const std::int32_t left = columns / m.column_y_parts / m.x_parts;
        for (m.input_parts = 1; m.input_parts <= (linear ? left : 1); ++m.input_parts) {
          if (linear && layer.weights.used_blocks % m.input_parts != 0) continue;
          for (m.row_output_parts = 1; m.row_output_parts <= rows / m.y_parts; ++m.row_output_parts)
            for (m.column_output_parts = 1; m.column_output_parts <= left / m.input_parts; ++m.column_output_parts) {
              if (!cut_blocks(m, output.blocks())) continue;
              const MemoryNeed need = memory_need(layer, output, m);
              least = std::min(least, need.total());
              least_buffer = std::min(least_buffer, need.largest_buffer);
              if (need.total() > room || need.largest_buffer > chip.bank_words) continue;
              for (const bool inside : {false, true}) {
                if (inside && (m.column_output_parts == 1 || m.column_y_parts * m.x_parts == 1)) continue;
                m.outputs_inside = inside;
                result.push_back(m);
              }
              m.outputs_inside = false;
            }
        }
      }
    }
  if (result.empty() && least <= room)
    throw Error(
        fmt::format("layer '{}' does not fit: the least that a core needs for one of its inputs or its output is "
                    "{} words of 32 bytes; a bank has {}",
                    layer.name, least_buffer, chip.bank_words));
  if (result.empty())
    throw Error(
        fmt::format("layer '{}' does not fit: the least that a core needs for its inputs and output is {} words "
                    "of 32 bytes, {} more than its memory has for activations",
                    layer.name, least, least - room));
  return result;
}

}  // namespace northpole::map
