#include "map/cost.h"

#include <algorithm>
#include <array>
#include <utility>

namespace northpole::map {

namespace {

std::int32_t divide_up(std::int32_t a, std::int32_t b) { return (a + b - 1) / b; }
std::uint64_t divide_up(std::uint64_t a, std::uint64_t b) { return (a + b - 1) / b; }
std::uint64_t unsigned_of(std::int32_t value) { return static_cast<std::uint64_t>(value); }

std::uint64_t taps(const lower::Layer& layer) {
  return unsigned_of(layer.window_height) * unsigned_of(layer.window_width);
}

std::uint64_t tile_pixels(const Mapping& m) { return unsigned_of(m.tile_height) * unsigned_of(m.tile_width); }

// Of output part `part`, whose words may be fewer than those of the others.
std::uint64_t groups_of_part(const Mapping& m, const lower::StoredTensor& output, std::int32_t part) {
  Region region;
  region.block0 = part * m.tile_blocks;
  region.block1 = std::min(region.block0 + m.tile_blocks, output.blocks());
  return region.block0 >= region.block1 ? 0 : unsigned_of(lane_groups(region, output).count());
}

// Words that a lane group takes of each position in the fullest input part.
std::uint64_t largest_slice(const lower::Layer& layer, const Mapping& m) {
  return unsigned_of(divide_up(layer.weights.used_blocks, m.input_parts));
}

// Blocks of weights for each lane group and pixel tile, of a slice of `words` input words.
std::uint64_t blocks_of_group(const lower::Layer& layer, const Mapping& m, std::uint64_t words) {
  return taps(layer) * words * unsigned_of(std::min(layer.phases, m.tile_width));
}

std::uint64_t weight_cycles(const lower::Layer& layer, const lower::StoredTensor& output, const Mapping& m,
                            const chip::ChipDescription& chip) {
  const std::uint64_t times = weights_stay(layer, output, m, chip) ? 1 : unsigned_of(pixel_tiles(m, chip).count());
  const std::uint64_t words = times * unsigned_of(weight_block_words(layer));
  std::uint64_t column = 0;  // words of all row output parts of the fullest column, which share its vertical link
  for (std::int32_t column_part = 0; column_part < m.column_output_parts; ++column_part) {
    std::uint64_t groups = 0;
    for (std::int32_t row_part = 0; row_part < m.row_output_parts; ++row_part)
      groups += groups_of_part(m, output, row_part * m.column_output_parts + column_part);
    column = std::max(column, groups * blocks_of_group(layer, m, largest_slice(layer, m)) * words);
  }
  return divide_up(column, chip.model_lanes);
}

}  // namespace

PixelTiles pixel_tiles(const Mapping& mapping, const chip::ChipDescription& chip) {
  const auto most = std::max(1, static_cast<std::int32_t>(chip.partial_sums / 2));
  PixelTiles tiles;
  tiles.across = divide_up(mapping.tile_width, most);
  tiles.width = divide_up(mapping.tile_width, tiles.across);
  const std::int32_t rows = tiles.across > 1 ? 1 : most / mapping.tile_width;
  tiles.down = divide_up(mapping.tile_height, rows);
  tiles.height = divide_up(mapping.tile_height, tiles.down);  // about equal: no short last one
  tiles.down = divide_up(mapping.tile_height, tiles.height);
  return tiles;
}

std::uint64_t Cost::compute() const { return std::max({arithmetic, weights, partial_sums, vector, memory}); }

std::uint64_t Cost::own_bound() const { return std::max(compute(), activations); }

std::string_view Cost::bound() const {
  const std::array<std::pair<std::uint64_t, std::string_view>, 6> all{{{arithmetic, "arithmetic"},
                                                                       {vector, "vector unit"},
                                                                       {weights, "weights"},
                                                                       {partial_sums, "partial sums"},
                                                                       {activations, "activations"},
                                                                       {memory, "memory"}}};
  return std::max_element(all.begin(), all.end(), [](const auto& a, const auto& b) { return a.first < b.first; })
      ->second;
}

std::int32_t weight_block_words(const lower::Layer& layer) {
  return divide_up(layer.weights.block_bytes, static_cast<std::int32_t>(chip::word_bytes));
}

std::uint64_t weight_blocks_of_core(const lower::Layer& layer, const lower::StoredTensor& output,
                                    const Mapping& mapping) {
  if (layer.kind != lower::LayerKind::linear) return 0;
  return groups_of_part(mapping, output, 0) * blocks_of_group(layer, mapping, largest_slice(layer, mapping));
}

bool weights_stay(const lower::Layer& layer, const lower::StoredTensor& output, const Mapping& mapping,
                  const chip::ChipDescription& chip) {
  return weight_blocks_of_core(layer, output, mapping) <= chip.weight_blocks;
}

std::uint64_t memory_cycles(const lower::Layer& layer, const lower::StoredTensor& output, const Mapping& mapping,
                            const chip::ChipDescription& chip, std::uint64_t transferred) {
  const std::uint64_t outputs = tile_pixels(mapping) * groups_of_part(mapping, output, 0);
  std::uint64_t reads = outputs * layer.inputs.size();
  if (layer.kind == lower::LayerKind::linear)
    reads = outputs * taps(layer) * largest_slice(layer, mapping) + (layer.inputs.size() > 1 ? outputs : 0);
  if (layer.kind == lower::LayerKind::max_pool) reads = outputs * taps(layer);
  return divide_up(reads + outputs + transferred, std::uint64_t{std::max(2U, chip.banks) - 1});
}

Cost cost(const lower::Layer& layer, const lower::StoredTensor& output, const Mapping& mapping,
          const chip::ChipDescription& chip, std::uint32_t /*group_rows*/) {
  Cost result;
  const std::uint64_t groups = groups_of_part(mapping, output, 0);
  const std::uint64_t outputs = tile_pixels(mapping) * groups, constants = unsigned_of(layer.lane_words) * groups;
  if (layer.kind == lower::LayerKind::linear) {
    result.arithmetic = outputs * taps(layer) * largest_slice(layer, mapping);
    result.weights = weight_cycles(layer, output, mapping, chip);
    if (mapping.input_parts > 1) result.partial_sums = outputs * chip.partial_sum_link_cycles;
    result.vector = outputs + constants * unsigned_of(pixel_tiles(mapping, chip).count());
  } else {
    result.vector = outputs * (layer.kind == lower::LayerKind::max_pool ? taps(layer) : 1) + constants;
  }
  result.activations = memory_need(layer, output, mapping).inputs;
  result.memory = memory_cycles(layer, output, mapping, chip, result.activations);
  return result;
}

MemoryNeed memory_need(const lower::Layer& layer, const lower::StoredTensor& output, const Mapping& mapping) {
  MemoryNeed need;
  need.output = tile_pixels(mapping) * unsigned_of(mapping.tile_blocks);
  for (std::int32_t input_part = 0; input_part < mapping.input_parts; ++input_part)
    for (std::int32_t output_part = 0; output_part < mapping.output_parts(); ++output_part) {
      CorePart part;
      part.input_part = input_part;
      part.output_part = output_part;
      part.output = {0,
                     mapping.tile_height,
                     0,
                     mapping.tile_width,
                     output_part * mapping.tile_blocks,
                     std::min((output_part + 1) * mapping.tile_blocks, output.blocks())};
      if (part.output.empty()) continue;
      std::uint64_t words = 0;
      for (std::size_t i = 0; i < layer.inputs.size(); ++i) {
        const Region region = input_region(layer, output, mapping, part, i);
        if (!region.empty())
          words += unsigned_of(region.height()) * unsigned_of(region.width()) * unsigned_of(region.blocks());
      }
      need.inputs = std::max(need.inputs, words);
    }
  return need;
}

std::uint64_t activation_words(const chip::ChipDescription& chip) {
  return std::uint64_t{std::max(2U, chip.banks) - 1} * chip.bank_words;
}

}  // namespace northpole::map
