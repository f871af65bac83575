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
             const chip::ChipDescription& chip) {
  Route route;
  const auto lowest = static_cast<std::uint32_t>(std::countr_zero(to.columns)),
             highest = 31U - static_cast<std::uint32_t>(std::countl_zero(to.columns));
  for (std::uint32_t x = column; x > lowest; --x)
    route.links.push_back({(row * chip.columns + x) * 4 + west, offset + (column - x)});
  for (std::uint32_t x = column; x < highest; ++x)
    route.links.push_back({(row * chip.columns + x) * 4 + east, offset + (x - column)});
  for (std::uint32_t x = 0; x < chip.columns; ++x)
    if (to.columns >> x & 1U) add_column(route, x, row, offset + (x > column ? x - column : column - x), to.rows, chip);
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

Route route_from_core(std::uint32_t core, const Destination& destination, const chip::ChipDescription& chip) {
  return spread(core / chip.columns, core % chip.columns, 1, destination, chip);
}

Route route_from_edge(std::uint32_t row, const Destination& destination, const chip::ChipDescription& chip) {
  Route route = spread(row, 0, 2, destination, chip);
  route.links.push_back({chip.cores() * 4 + row, 1});
  return route;
}

Route route_to_edge(std::uint32_t core, const chip::ChipDescription& chip) {
  Route route;
  const std::uint32_t row = core / chip.columns, column = core % chip.columns;
  for (std::uint32_t x = column + 1; x-- > 0;)
    route.links.push_back({(row * chip.columns + x) * 4 + west, 1 + (column - x)});
  route.deliveries.push_back({row, column + 2});
  return route;
}

Reservation::Reservation(const chip::ChipDescription& chip) : links_(link_count(chip)), ports_(chip.cores()) {}

std::uint64_t Reservation::earliest(const Route& route, std::uint64_t not_before, std::uint64_t words) const {
  // Bit i of `taken`: a stream cannot have a word sent in cycle not_before + i.
  Cycles taken;
  const auto add = [&](const Cycles& cycles, std::uint64_t offset) {
    const std::uint64_t first = not_before + offset;  // cycle that bit 0 stands for on this link
    const std::size_t skip = first / 64, shift = first % 64;
    if (cycles.size() <= skip) return;
    if (taken.size() < cycles.size() - skip) taken.resize(cycles.size() - skip, 0);
    for (std::size_t i = skip; i < cycles.size(); ++i) {
      taken[i - skip] |= cycles[i] >> shift;
      if (shift != 0 && i > skip) taken[i - skip - 1] |= cycles[i] << (64 - shift);
    }
  };
  for (const Hop& hop : route.links) add(links_[hop.index], hop.offset);
  for (const Hop& hop : route.deliveries) add(ports_[hop.index], hop.offset);
  std::uint64_t free = 0;  // idle cycles in a row so far
  for (std::uint64_t i = 0; i < taken.size() * 64;) {
    const std::uint64_t rest = taken[i / 64] >> (i % 64);
    const std::uint64_t left = 64 - i % 64;
    const std::uint64_t idle =
        rest == 0 ? left : std::min<std::uint64_t>(left, static_cast<std::uint64_t>(std::countr_zero(rest)));
    free += idle;
    i += idle;
    if (free >= words) return not_before + i - free;
    if (idle == left) continue;
    const std::uint64_t busy = static_cast<std::uint64_t>(std::countr_one(taken[i / 64] >> (i % 64)));
    i += std::min(busy, 64 - i % 64);
    free = 0;
  }
  return not_before + taken.size() * 64 - free;
}

void Reservation::mark(Cycles& cycles, std::uint64_t first, std::uint64_t count) {
  const std::uint64_t last = first + count;
  if (cycles.size() * 64 < last) cycles.resize((last + 63) / 64, 0);
  for (std::uint64_t cycle = first; cycle < last; ++cycle) cycles[cycle / 64] |= std::uint64_t{1} << (cycle % 64);
}

void Reservation::take(const Route& route, std::uint64_t start, std::uint64_t words) {
  for (const Hop& hop : route.links) mark(links_[hop.index], start + hop.offset, words);
  for (const Hop& hop : route.deliveries) mark(ports_[hop.index], start + hop.offset, words);
}

}  // namespace northpole::schedule
