#include "map/link_loads.h"

#include <algorithm>
#include <bit>

namespace northpole::map {

LinkLoads::LinkLoads(std::int32_t rows, std::int32_t columns) : rows_(rows), columns_(columns) {
  const auto places = static_cast<std::size_t>(rows) * static_cast<std::size_t>(columns + 1);
  for (auto* loads : {&east_, &west_, &south_, &north_}) loads->assign(places, 0);
  sent_.assign(places, 0);
}

std::size_t LinkLoads::horizontal(std::int32_t row, std::int32_t column) const {
  return static_cast<std::size_t>(row * (columns_ + 1) + column + 1);
}

std::size_t LinkLoads::vertical(std::int32_t row, std::int32_t column) const {
  return static_cast<std::size_t>(column * rows_ + row);
}

void LinkLoads::send(std::int32_t row, std::int32_t column, std::int32_t first_row, std::int32_t last_row,
                     std::uint32_t columns, std::uint64_t words) {
  const auto n = static_cast<std::int64_t>(words);
  words_ += words;
  sent_[horizontal(row, column)] += words;
  const std::int32_t west = std::countr_zero(columns), east = 31 - std::countl_zero(columns);
  if (east > column) {  // links column .. east - 1, each from its column to the next
    east_[horizontal(row, column)] += n;
    east_[horizontal(row, east)] -= n;
  }
  if (west < column) {  // links west .. column - 1
    west_[horizontal(row, west)] += n;
    west_[horizontal(row, column)] -= n;
  }
  if (last_row <= row && first_row >= row) return;
  for (std::uint32_t mask = columns; mask != 0; mask &= mask - 1) {
    const std::int32_t c = std::countr_zero(mask);
    if (last_row > row) {
      south_[vertical(row, c)] += n;
      south_[vertical(last_row, c)] -= n;
    }
    if (first_row < row) {
      north_[vertical(first_row, c)] += n;
      north_[vertical(row, c)] -= n;
    }
  }
}

std::uint64_t LinkLoads::busiest_link() const {
  std::int64_t most = 0;
  // Every row's and column's changes add up to zero, so that one sum may run through all of them.
  for (const auto* loads : {&east_, &west_, &south_, &north_}) {
    std::int64_t load = 0;
    for (const std::int64_t change : *loads) most = std::max(most, load += change);
  }
  return static_cast<std::uint64_t>(most);
}

std::uint64_t LinkLoads::busiest_sender() const { return *std::max_element(sent_.begin(), sent_.end()); }

}  // namespace northpole::map
