#include "machine/step/route.h"

#include <bit>

namespace northpole::machine::step {
namespace {

std::uint32_t highest_bit(std::uint32_t mask) { return 31 - static_cast<std::uint32_t>(std::countl_zero(mask)); }
std::uint32_t lowest_bit(std::uint32_t mask) { return static_cast<std::uint32_t>(std::countr_zero(mask)); }
bool outside(std::uint32_t mask, std::uint32_t size) { return size < 32 && (mask >> size) != 0; }

class Builder {
 public:
  Builder(const chip::ChipDescription& chip, Route& route, std::uint32_t row_mask)
      : chip_(chip), route_(route), row_mask_(row_mask) {}

  std::uint16_t core(std::uint32_t row, std::uint32_t column) const {
    return static_cast<std::uint16_t>(row * chip_.columns + column);
  }
  void link(std::uint32_t row, std::uint32_t column, Compass direction, std::uint32_t delay) {
    route_.links.push_back(
        {static_cast<std::uint16_t>(core(row, column) * 4u + direction), static_cast<std::uint16_t>(delay)});
  }

  // The word is in (row, column) after `delay` cycles and serves the rows of the mask in this column.
  void along_column(std::uint32_t row, std::uint32_t column, std::uint32_t delay) {
    const std::uint32_t first = std::min(row, lowest_bit(row_mask_)), last = std::max(row, highest_bit(row_mask_));
    for (std::uint32_t r = row; r > first; --r) link(r, column, north, delay + (row - r));
    for (std::uint32_t r = row; r < last; ++r) link(r, column, south, delay + (r - row));
    for (std::uint32_t r = first; r <= last; ++r) {
      if (!(row_mask_ >> r & 1)) continue;
      const std::uint32_t hops = r < row ? row - r : r - row;
      route_.ports.push_back({core(r, column), static_cast<std::uint16_t>(delay + hops)});
    }
  }

 private:
  const chip::ChipDescription& chip_;
  Route& route_;
  std::uint32_t row_mask_;
};

}  // namespace

void Route::to_cores(const chip::ChipDescription& chip, bool edge, std::uint32_t row, std::uint32_t column,
                     std::uint32_t column_mask, std::uint32_t row_mask, std::uint32_t link_cycles) {
  links.clear();
  ports.clear();
  valid = column_mask != 0 && row_mask != 0 && !outside(column_mask, chip.columns) && !outside(row_mask, chip.rows);
  if (!valid) return;
  Builder builder(chip, *this, row_mask);
  std::uint32_t start = 1;  // cycles until the word is at the first router of the array
  if (edge) {
    links.push_back({static_cast<std::uint16_t>(chip.cores() * 4 + row), 1});
    start = 2;
  }
  const std::uint32_t first = std::min(column, lowest_bit(column_mask)),
                      last = std::max(column, highest_bit(column_mask));
  for (std::uint32_t c = column; c < last; ++c) builder.link(row, c, east, start + (c - column));
  for (std::uint32_t c = column; c > first; --c) builder.link(row, c, west, start + (column - c));
  for (std::uint32_t c = first; c <= last; ++c) {
    if (column_mask >> c & 1) builder.along_column(row, c, start + (c < column ? column - c : c - column));
  }
  for (Step& port : ports) port.delay = static_cast<std::uint16_t>(port.delay + link_cycles - 1);
}

void Route::to_west_edge(const chip::ChipDescription& chip, std::uint32_t row, std::uint32_t column) {
  links.clear();
  ports.clear();
  valid = true;
  Builder builder(chip, *this, 1);
  for (std::uint32_t hop = 0; hop <= column; ++hop) builder.link(row, column - hop, west, 1 + hop);
  ports.push_back(
      {static_cast<std::uint16_t>(chip.cores() + row), static_cast<std::uint16_t>(column + 1 + chip.word_link_cycles)});
}

std::optional<std::uint32_t> neighbour(const chip::ChipDescription& chip, std::uint32_t core, Compass direction) {
  const std::uint32_t row = core / chip.columns, column = core % chip.columns;
  switch (direction) {
    case north:
      return row > 0 ? std::optional(core - chip.columns) : std::nullopt;
    case east:
      return column + 1 < chip.columns ? std::optional(core + 1) : std::nullopt;
    case south:
      return row + 1 < chip.rows ? std::optional(core + chip.columns) : std::nullopt;
    case west:
      return column > 0 ? std::optional(core - 1) : std::nullopt;
  }
  return std::nullopt;
}

}  // namespace northpole::machine::step
