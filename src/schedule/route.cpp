#include "schedule/route.h"

#include <algorithm>
#include <bit>
#include <map>

namespace northpole::schedule {

namespace {

enum : std::uint32_t { north, east, south, west };

void add_column(Route& route, std::uint32_t column, std::uint32_t row, std::uint32_t offset, std::uint32_t rows,
                const chip::ChipDescription& chip) {
  if (rows == 0) return;
  const auto lowest = static_cast<std::uint32_t>(std::countr_zero(rows)),
             highest = 31U - static_cast<std::uint32_t>(std::countl_zero(rows));
  for (std::uint32_t y = row; y > lowest; --y)
    route.links.push_back({(y * chip.columns + column) * 4 + north, offset + (row - y)});
  for (std::uint32_t y = row; y < highest; ++y)
    route.links.push_back({(y * chip.columns + column) * 4 + south, offset + (y - row)});
  for (std::uint32_t y = 0; y < chip.rows; ++y)
    if (rows >> y & 1U) route.deliveries.push_back({y * chip.columns + column, offset + (y > row ? y - row : row - y)});
}

// From a router of the row where the word is `offset` cycles after its send.
Route spread(std::uint32_t row, std::uint32_t column, std::uint32_t offset, const Destination& to,
             const chip::ChipDescription& chip, std::uint32_t link_cycles) {
  Route route;
  const auto lowest = static_cast<std::uint32_t>(std::countr_zero(to.columns)),
             highest = 31U - static_cast<std::uint32_t>(std::countl_zero(to.columns));
  for (std::uint32_t x = column; x > lowest; --x)
    route.links.push_back({(row * chip.columns + x) * 4 + west, offset + (column - x)});
  for (std::uint32_t x = column; x < highest; ++x)
    route.links.push_back({(row * chip.columns + x) * 4 + east, offset + (x - column)});
  for (std::uint32_t x = 0; x < chip.columns; ++x)
    if (to.columns >> x & 1U) add_column(route, x, row, offset + (x > column ? x - column : column - x), to.rows, chip);
  for (Hop& delivery : route.deliveries) delivery.offset += link_cycles - 1;
  std::sort(route.deliveries.begin(), route.deliveries.end(),
            [](const Hop& a, const Hop& b) { return a.index < b.index; });
  return route;
}

}  // namespace

std::vector<Destination> products(const std::vector<bool>& cores, const chip::ChipDescription& chip) {
  std::vector<Destination> result;
  for (std::uint32_t row = 0; row < chip.rows; ++row) {
    std::uint32_t columns = 0;
    for (std::uint32_t column = 0; column < chip.columns; ++column)
      if (cores[row * chip.columns + column]) columns |= 1U << column;
    if (columns == 0) continue;
    auto same = std::find_if(result.begin(), result.end(), [&](const Destination& d) { return d.columns == columns; });
    if (same == result.end())
      result.push_back({columns, 1U << row});
    else
      same->rows |= 1U << row;
  }
  return result;
}

std::uint32_t link_count(const chip::ChipDescription& chip) { return chip.cores() * 4 + chip.rows; }

Route route_from_core(std::uint32_t core, const Destination& destination, const chip::ChipDescription& chip,
                      std::uint32_t link_cycles) {
  return spread(core / chip.columns, core % chip.columns, 1, destination, chip, link_cycles);
}

Route route_from_edge(std::uint32_t row, const Destination& destination, const chip::ChipDescription& chip) {
  Route route = spread(row, 0, 2, destination, chip, chip.word_link_cycles);
  route.links.push_back({chip.cores() * 4 + row, 1});
  return route;
}

Route route_to_edge(std::uint32_t core, const chip::ChipDescription& chip) {
  Route route;
  const std::uint32_t row = core / chip.columns, column = core % chip.columns;
  for (std::uint32_t x = column + 1; x-- > 0;)
    route.links.push_back({(row * chip.columns + x) * 4 + west, 1 + (column - x)});
  route.deliveries.push_back({row, column + 1 + chip.word_link_cycles});
  return route;
}

}  // namespace northpole::schedule
