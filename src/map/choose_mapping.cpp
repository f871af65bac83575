#include "map/choose_mapping.h"

#include <fmt/format.h>

#include <algorithm>

#include "network/error.h"

namespace northpole::map {

namespace {

std::int32_t divide_up(std::int32_t a, std::int32_t b) { return (a + b - 1) / b; }

struct Sizes {
  std::uint64_t input_words = 0;  // gathered, all inputs
  std::uint64_t output_words = 0;
};

// Of a core in the middle, which has the most.
Sizes sizes(const lower::Layer& layer, const Mapping& m) {
  Sizes result;
  const auto extent = [](std::int32_t tile, std::int32_t stride, std::int32_t window, std::int32_t dilation) {
    return static_cast<std::uint64_t>((tile - 1) * stride + (window - 1) * dilation + 1);
  };
  std::uint64_t blocks = static_cast<std::uint64_t>(m.tile_blocks);
  if (layer.kind == lower::LayerKind::linear) {
    const auto& first = layer.weights.first_block;
    std::int32_t spread = 0;
    for (std::size_t o = 0; o < first.size(); o += static_cast<std::size_t>(m.tile_blocks)) {
      const auto end = std::min(first.size(), o + static_cast<std::size_t>(m.tile_blocks));
      const auto [low, high] = std::minmax_element(first.begin() + static_cast<std::ptrdiff_t>(o),
                                                   first.begin() + static_cast<std::ptrdiff_t>(end));
      spread = std::max(spread, *high - *low);
    }
    blocks = static_cast<std::uint64_t>(spread + layer.weights.used_blocks / m.input_parts);
  }
  result.input_words = extent(m.tile_height, layer.stride_y, layer.window_height, layer.dilation_y) *
                       extent(m.tile_width, layer.stride_x, layer.window_width, layer.dilation_x) * blocks;
  if (layer.inputs.size() == 2) result.input_words += layer.broadcast >= 0 ? blocks : result.input_words;
  result.output_words = static_cast<std::uint64_t>(m.tile_height) * static_cast<std::uint64_t>(m.tile_width) *
                        static_cast<std::uint64_t>(m.tile_blocks);
  return result;
}

Estimate estimate(const lower::Layer& layer, const Mapping& m, const chip::ChipDescription& chip, bool in_place) {
  Estimate e;
  const Sizes words = sizes(layer, m);
  const auto positions = static_cast<std::uint64_t>(m.tile_height) * static_cast<std::uint64_t>(m.tile_width);
  const auto taps = static_cast<std::uint64_t>(layer.window_height) * static_cast<std::uint64_t>(layer.window_width);
  // Congestion on the way makes an input word cost more than its own cycle.
  e.receive = in_place ? 0 : words.input_words + words.input_words / 2 + 40;
  if (layer.kind == lower::LayerKind::linear) {
    const std::uint64_t products = taps * static_cast<std::uint64_t>(layer.weights.used_blocks / m.input_parts);
    e.compute = positions * static_cast<std::uint64_t>(m.tile_blocks) * products;
    const std::uint64_t cores = static_cast<std::uint64_t>(m.y_parts) * static_cast<std::uint64_t>(m.x_parts);
    const std::uint64_t lanes = cores >= 4 ? 4 : cores >= 2 ? 2 : 1;
    const std::uint64_t groups =
        divide_up(static_cast<std::int32_t>(positions), static_cast<std::int32_t>(chip.partial_sums));
    const std::uint64_t blocks = static_cast<std::uint64_t>(m.tile_blocks) * products;
    e.weights = groups * blocks * chip::block_words / lanes;
    if (m.input_parts > 1)
      e.reduce = positions * static_cast<std::uint64_t>(m.tile_blocks) * chip.partial_sum_link_cycles +
                 4 * static_cast<std::uint64_t>(m.input_parts);
    e.total = e.receive + std::max(e.compute, e.weights) +
              std::min<std::uint64_t>(blocks, 32) * chip::block_words / lanes / 2 + e.reduce +
              20 * static_cast<std::uint64_t>(m.tile_blocks);
  } else {
    e.compute = words.output_words * taps;
    e.total = e.receive + e.compute;
  }
  return e;
}

// Tiles that do not line up with those of the tensor that is read cut every transfer into odd pieces: more
// instructions, and a program of its own for nearly every core. Cycles that this is taken to cost.
constexpr std::uint64_t misalignment = 600;

bool lines_up(std::int32_t tile, std::int32_t stride, std::int32_t source_tile) {
  const std::int32_t reach = tile * stride;
  return reach % source_tile == 0 || source_tile % reach == 0;
}

std::uint64_t misaligned(const lower::Layer& layer, const Mapping& m, const Mapping& source) {
  return (lines_up(m.tile_height, layer.stride_y, source.tile_height) ? 0 : misalignment) +
         (lines_up(m.tile_width, layer.stride_x, source.tile_width) ? 0 : misalignment);
}

}  // namespace

Choice choose_mapping(const lower::Layer& layer, const lower::StoredTensor& output, const chip::ChipDescription& chip,
                      const Mapping* source) {
  const auto rows = static_cast<std::int32_t>(chip.rows), columns = static_cast<std::int32_t>(chip.columns);
  const bool linear = layer.kind == lower::LayerKind::linear;
  Choice best;
  bool found = false, fits_memory = false;
  std::uint64_t smallest = ~std::uint64_t{0};
  const auto consider = [&](const Mapping& m, bool in_place) {
    const Sizes words = sizes(layer, m);
    smallest = std::min(smallest, std::max(words.input_words, words.output_words));
    if (words.input_words > chip.bank_words * 7 / 8 || words.output_words > chip.bank_words / 2) return;
    fits_memory = true;
    if (linear && m.tile_width > static_cast<std::int32_t>(chip.partial_sums)) return;
    Estimate e = estimate(layer, m, chip, in_place);
    if (source != nullptr) e.total += misaligned(layer, m, *source);
    if (!found || e.total < best.estimate.total) {
      best = {m, e};
      found = true;
    }
  };
  if (source != nullptr && !linear && layer.window_height == 1 && layer.window_width == 1 && source->input_parts == 1) {
    // The mapping of the tensor that it reads, unless that is of another size.
    const bool covers = source->tile_height * source->y_parts >= output.height &&
                        source->tile_width * source->x_parts >= output.width &&
                        source->tile_blocks * source->row_output_parts * source->column_output_parts >= output.blocks();
    if (covers) consider(*source, true);
  }
  for (std::int32_t y_parts = 1; y_parts <= std::min(rows, output.height); ++y_parts) {
    Mapping m;
    m.y_parts = y_parts;
    m.tile_height = divide_up(output.height, y_parts);
    if (divide_up(output.height, m.tile_height) != y_parts) continue;
    for (std::int32_t x_parts = 1; x_parts <= std::min(columns, output.width); ++x_parts) {
      m.x_parts = x_parts;
      m.tile_width = divide_up(output.width, x_parts);
      if (divide_up(output.width, m.tile_width) != x_parts) continue;
      for (std::int32_t input_parts = 1; input_parts <= (linear ? columns / x_parts : 1); ++input_parts) {
        if (linear && layer.weights.used_blocks % input_parts != 0) continue;
        m.input_parts = input_parts;
        for (m.row_output_parts = 1; m.row_output_parts <= rows / y_parts; ++m.row_output_parts)
          for (m.column_output_parts = 1; m.column_output_parts <= columns / x_parts / input_parts;
               ++m.column_output_parts) {
            const std::int32_t parts = m.row_output_parts * m.column_output_parts;
            m.tile_blocks = divide_up(output.blocks(), parts);
            if (parts > 1 && divide_up(output.blocks(), m.tile_blocks) <= parts - m.column_output_parts)
              continue;  // a whole row of parts would idle
            consider(m, false);
          }
      }
    }
  }
  if (!found && fits_memory)
    throw Error(
        fmt::format("layer '{}' does not fit: {} columns of the array cannot share rows of {} outputs so that each has "
                    "at most {}, one for each of its partial sums",
                    layer.name, chip.columns, output.width, chip.partial_sums));
  if (!found)
    throw Error(
        fmt::format("layer '{}' does not fit: the least that a core needs for its input or output is {} words of 32 "
                    "bytes, more than its share of a bank of {}",
                    layer.name, smallest, chip.bank_words));
  return best;
}

}  // namespace northpole::map
