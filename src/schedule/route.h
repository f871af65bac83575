// The way of a word through the array, X then Y.
#pragma once

#include <cstdint>
#include <vector>

#include "chip/chip_description.h"

namespace northpole::schedule {

// Columns and rows by bit.
struct Destination {
  std::uint32_t columns = 0, rows = 0;
  bool operator==(const Destination&) const = default;
};

// Splits a set of cores (by core number) into products of columns and rows.
std::vector<Destination> products(const std::vector<bool>& cores, const chip::ChipDescription& chip);

struct Hop {
  std::uint32_t index = 0;   // link or core
  std::uint32_t offset = 0;  // cycles after the send event
};

struct Route {
  std::vector<Hop> links;
  std::vector<Hop> deliveries;  // by core, in order of core number
};

// Links are numbered core * 4 + direction (north, east, south, west), then one link for each row from its edge unit
// into column 0.
std::uint32_t link_count(const chip::ChipDescription& chip);
// `link_cycles`: that a word occupies a link; it is delivered with its last part.
Route route_from_core(std::uint32_t core, const Destination& destination, const chip::ChipDescription& chip,
                      std::uint32_t link_cycles);
Route route_from_edge(std::uint32_t row, const Destination& destination, const chip::ChipDescription& chip);
// West along the row and out; the delivery's index is the row.
Route route_to_edge(std::uint32_t core, const chip::ChipDescription& chip);

}  // namespace northpole::schedule
