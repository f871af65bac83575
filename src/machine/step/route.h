// The way of a word over the array: along the sender's row to the columns of the mask, from there along each column to
// the rows.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "chip/chip_description.h"

namespace northpole::machine::step {

enum Compass : std::uint32_t { north, east, south, west };

// Links and ports are numbered: core * 4 + compass for the link that leaves a core; cores * 4 + row for the one from an
// edge unit into column 0; port core, or cores + row for an edge unit.
struct Route {
  struct Step {
    std::uint16_t index;  // of link or port
    std::uint16_t delay;  // cycles after the sending event
  };
  bool valid = false;
  std::vector<Step> links;
  std::vector<Step> ports;

  // From a core (`edge` false) or an edge unit in `row` to all cores of the masks; not valid when a mask is empty or
  // names a row or column outside the array. `link_cycles`: that a word occupies a link; it is delivered with its last
  // part. The edge is reached by the activation network.
  void to_cores(const chip::ChipDescription& chip, bool edge, std::uint32_t row, std::uint32_t column,
                std::uint32_t column_mask, std::uint32_t row_mask, std::uint32_t link_cycles);
  // From a core to its row's edge unit.
  void to_west_edge(const chip::ChipDescription& chip, std::uint32_t row, std::uint32_t column);
};

// The neighbour in a direction, if there is one.
std::optional<std::uint32_t> neighbour(const chip::ChipDescription& chip, std::uint32_t core, Compass direction);

}  // namespace northpole::machine::step
