// The links that a word takes (docs/instruction-set.md, "Activation network"): X then Y, each part as far as needed.
#pragma once

#include <algorithm>
#include <bit>
#include <cstdint>
#include <cstdlib>

#include "chip/chip_description.h"

namespace northpole::energy {

enum Compass : std::uint32_t { north, east, south, west };
inline std::uint32_t link_of(std::uint32_t core, Compass direction) { return core * 4 + direction; }
inline std::uint32_t edge_link(const chip::ChipDescription& chip, std::uint32_t row) { return chip.cores() * 4 + row; }

// Calls visit(link) for each link of a word's way from (row, column) to the columns and rows of the masks. Masks that
// name nothing or what the array does not have: none.
template <typename Visit>
void for_each_link(const chip::ChipDescription& chip, std::uint32_t row, std::uint32_t column,
                   std::uint32_t column_mask, std::uint32_t row_mask, const Visit& visit) {
  const auto highest = [](std::uint32_t mask) { return 31 - static_cast<std::uint32_t>(std::countl_zero(mask)); };
  const auto lowest = [](std::uint32_t mask) { return static_cast<std::uint32_t>(std::countr_zero(mask)); };
  if (column_mask == 0 || row_mask == 0 || highest(column_mask) >= chip.columns || highest(row_mask) >= chip.rows)
    return;
  const auto core = [&](std::uint32_t y, std::uint32_t x) { return y * chip.columns + x; };
  for (std::uint32_t x = column; x < highest(column_mask); ++x) visit(link_of(core(row, x), east));
  for (std::uint32_t x = column; x > lowest(column_mask); --x) visit(link_of(core(row, x), west));
  for (std::uint32_t x = 0; x < chip.columns; ++x) {
    if ((column_mask >> x & 1) == 0) continue;
    for (std::uint32_t y = row; y < highest(row_mask); ++y) visit(link_of(core(y, x), south));
    for (std::uint32_t y = row; y > lowest(row_mask); --y) visit(link_of(core(y, x), north));
  }
}

// The cycles that a word is on its way from a core to another one.
inline std::uint32_t hops_between(const chip::ChipDescription& chip, std::uint32_t from, std::uint32_t to) {
  const auto distance = [](std::uint32_t a, std::uint32_t b) { return a > b ? a - b : b - a; };
  return distance(from % chip.columns, to % chip.columns) + distance(from / chip.columns, to / chip.columns);
}

}  // namespace northpole::energy
