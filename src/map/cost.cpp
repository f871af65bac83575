#include "map/cost.h"

#include <algorithm>
#include <array>
#include <cstring>
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

// The load of the busiest vertical link of a column whose row output part p takes words[p] weight words in all groups:
// they lie evenly over the rows of the column, and go north and south from there.
std::uint64_t vertical_link_words(const std::vector<std::uint64_t>& words, const Mapping& m, std::uint32_t group_rows,
                                  std::uint32_t rows) {
  const std::uint64_t groups = std::max(1U, rows / group_rows);
  std::uint64_t most = 0;
  for (std::uint64_t link = 0; link + 1 < rows; ++link) {  // from row `link` to the next
    std::uint64_t south = 0, north = 0;
    for (std::size_t p = 0; p < words.size(); ++p) {
      const std::uint64_t first = p * unsigned_of(m.y_parts);
      const std::uint64_t last = (groups - 1) * group_rows + first + unsigned_of(m.y_parts) - 1;
      if (last > link) south += words[p];
      if (first <= link) north += words[p];
    }
    most = std::max({most, south * (link + 1), north * (rows - link - 1)});
  }
  return divide_up(most, std::uint64_t{rows});
}

}  // namespace

PixelTiles pixel_tiles(const Mapping& mapping, const chip::ChipDescription& chip) {
  const auto most = std::max(1, static_cast<std::int32_t>(chip.partial_sums / 2));
  PixelTiles tiles;
  tiles.across =
      divide_up(mapping.tile_width, mapping.pixel_columns > 0 ? std::min(mapping.pixel_columns, most) : most);
  tiles.width = divide_up(mapping.tile_width, tiles.across);
  std::int32_t rows = tiles.across > 1 ? 1 : most / mapping.tile_width;
  if (mapping.pixel_rows > 0) rows = std::min(rows, mapping.pixel_rows);
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

bool one_block_for_all(const lower::Layer& layer) {
  const std::size_t products = taps(layer), bytes = unsigned_of(layer.weights.block_bytes);
  if (layer.kind != lower::LayerKind::linear || layer.weights.used_blocks != 1 || layer.phases != 1 || products == 1 ||
      layer.weights.bytes.size() < layer.weights.first_block.size() * products * bytes)
    return false;
  for (std::size_t o = 0; o < layer.weights.first_block.size(); ++o) {
    const std::int8_t* first = layer.weights.bytes.data() + o * products * bytes;
    for (std::size_t tap = 1; tap < products; ++tap)
      if (std::memcmp(first, first + tap * bytes, bytes) != 0) return false;
  }
  return true;
}

std::int32_t weight_block_words(const lower::Layer& layer) {
  return divide_up(layer.weights.block_bytes, static_cast<std::int32_t>(chip::word_bytes));
}

CostModel::CostModel(const lower::Layer& layer, const lower::StoredTensor& output, const chip::ChipDescription& chip,
                     std::uint32_t group_rows)
    : layer_(layer), output_(output), chip_(chip), group_rows_(group_rows), one_block_(one_block_for_all(layer)) {}

std::uint64_t CostModel::lane_groups_of_core(const Mapping& mapping) const {
  return groups_of_part(mapping, output_, 0);
}

std::uint64_t CostModel::cycles_of_lane_group(const Mapping& mapping) const {
  const PixelTiles tiles = pixel_tiles(mapping, chip_);
  return unsigned_of(tiles.height) * unsigned_of(tiles.width) * taps(layer_) *
         (layer_.kind == lower::LayerKind::linear ? largest_slice(layer_, mapping) : 1);
}

// Cycles of all pixels of a tile under weight blocks of all phases. Each phase passes its own pixels of a row; all rows
// of a pixel tile but the last take as long as the longest phase's.
std::uint64_t CostModel::cycles_of_pixels(const Mapping& m) const {
  if (layer_.phases == 1) return tile_pixels(m);
  const PixelTiles tiles = pixel_tiles(m, chip_);
  std::uint64_t cycles = 0;
  for (std::int32_t left = m.tile_width; left > 0; left -= tiles.width) {
    const std::int32_t width = std::min(left, tiles.width);
    cycles += unsigned_of(divide_up(width, layer_.phases) * layer_.phases) * unsigned_of(m.tile_height - tiles.down) +
              unsigned_of(width) * unsigned_of(tiles.down);
  }
  return cycles;
}

std::uint64_t CostModel::blocks_of_group(const Mapping& m) const {
  if (one_block_) return 1;
  return taps(layer_) * largest_slice(layer_, m) * unsigned_of(std::min(layer_.phases, m.tile_width));
}

std::uint64_t CostModel::weight_blocks_of_core(const Mapping& m) const {
  if (layer_.kind != lower::LayerKind::linear) return 0;
  return groups_of_part(m, output_, 0) * blocks_of_group(m);
}

bool CostModel::weights_stay(const Mapping& mapping) const {
  return (weight_blocks_of_core(mapping) + 1) * unsigned_of(weight_block_words(layer_)) <=
         std::uint64_t{chip_.weight_blocks} * chip::block_words;
}

std::uint64_t CostModel::weight_cycles(const Mapping& m) const {
  const std::uint64_t times = weights_stay(m) ? 1 : unsigned_of(pixel_tiles(m, chip_).count());
  const std::uint64_t of_group = times * blocks_of_group(m) * unsigned_of(weight_block_words(layer_));
  std::uint64_t most = 0, all = 0;
  for (std::int32_t column_part = 0; column_part < m.column_output_parts; ++column_part) {
    std::vector<std::uint64_t> words;  // of each row output part
    for (std::int32_t row_part = 0; row_part < m.row_output_parts; ++row_part) {
      words.push_back(of_group * groups_of_part(m, output_, row_part * m.column_output_parts + column_part));
      most = std::max(most, words.back());
      all += words.back() * unsigned_of(m.input_parts);
    }
    if (m.row_output_parts > 1) most = std::max(most, vertical_link_words(words, m, group_rows_, chip_.rows));
  }
  // A core's memory thread sends one word a cycle.
  return std::max(divide_up(most, chip_.model_lanes), divide_up(all, chip_.cores()));
}

std::uint64_t CostModel::memory_cycles(const Mapping& m, std::uint64_t transferred) const {
  const std::uint64_t outputs = tile_pixels(m) * groups_of_part(m, output_, 0);
  std::uint64_t reads = outputs * layer_.inputs.size();
  if (layer_.kind == lower::LayerKind::linear)
    reads = outputs * taps(layer_) * largest_slice(layer_, m) + (layer_.inputs.size() > 1 ? outputs : 0);
  if (layer_.kind == lower::LayerKind::max_pool) reads = outputs * taps(layer_);
  return divide_up(reads + outputs + transferred, std::uint64_t{std::max(2U, chip_.banks) - 1});
}

// Loads of constant registers: half of them are the layer's, two for its function; where all lane groups' fit they are
// loaded once, else again for every pixel tile.
std::uint64_t CostModel::constant_loads(const Mapping& m) const {
  const std::uint64_t words = unsigned_of(layer_.lane_words) * groups_of_part(m, output_, 0);
  const std::uint64_t tiles = layer_.kind == lower::LayerKind::linear ? unsigned_of(pixel_tiles(m, chip_).count()) : 1;
  return 2 + words * (constants_stay(m) ? 1 : tiles);
}

bool CostModel::constants_stay(const Mapping& m) const {
  return 2 + unsigned_of(layer_.lane_words) * groups_of_part(m, output_, 0) <= chip_.constant_words / 2;
}

Cost CostModel::operator()(const Mapping& m) const {
  Cost result;
  const std::uint64_t groups = groups_of_part(m, output_, 0), outputs = tile_pixels(m) * groups;
  if (layer_.kind == lower::LayerKind::linear) {
    result.arithmetic = cycles_of_pixels(m) * groups * taps(layer_) * largest_slice(layer_, m);
    result.weights = weight_cycles(m);
    // Sums that come over a link keep the vector unit waiting between them, and there may be a cycle between two lane
    // groups, in which programs can change.
    const std::uint64_t passes = groups * unsigned_of(pixel_tiles(m, chip_).count());
    const std::uint64_t interval = m.input_parts > 1 ? chip_.partial_sum_link_cycles : 1;
    if (m.input_parts > 1) result.partial_sums = outputs * interval + passes;
    result.vector = outputs * interval + passes + constant_loads(m);
  } else {
    result.vector = outputs * (layer_.kind == lower::LayerKind::max_pool ? taps(layer_) : 1) + constant_loads(m);
  }
  result.activations = memory_need(layer_, output_, m).inputs;
  result.memory = memory_cycles(m, result.activations);
  return result;
}

Cost cost(const lower::Layer& layer, const lower::StoredTensor& output, const Mapping& mapping,
          const chip::ChipDescription& chip, std::uint32_t group_rows) {
  return CostModel(layer, output, chip, group_rows)(mapping);
}

MemoryNeed memory_need(const lower::Layer& layer, const lower::StoredTensor& output, const Mapping& mapping) {
  MemoryNeed need;
  need.output = need.largest_buffer = tile_pixels(mapping) * unsigned_of(mapping.tile_blocks);
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
      std::uint64_t all = 0;
      for (std::size_t i = 0; i < layer.inputs.size(); ++i) {
        const Region region = input_region(layer, output, mapping, part, i);
        if (region.empty()) continue;
        const std::uint64_t words =
            unsigned_of(region.height()) * unsigned_of(region.width()) * unsigned_of(region.blocks());
        need.largest_buffer = std::max(need.largest_buffer, words);
        all += words;
      }
      need.inputs = std::max(need.inputs, all);
    }
  return need;
}

std::uint64_t activation_words(const chip::ChipDescription& chip) {
  return std::uint64_t{std::max(2U, chip.banks) - 1} * chip.bank_words;
}

}  // namespace northpole::map
