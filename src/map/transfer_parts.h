// A tensor's way from the parts that hold it to the parts that read it, direction by direction: a word's source and its
// readers depend on its row, its column and its block one by one, so that words alike in all three are counted
// together.
#pragma once

#include <cstdint>
#include <vector>

#include "map/mapping.h"

namespace northpole::map {

// Where the parts of a cut lie: part p adds row[p] and column[p] to the place of a core.
struct PartPlaces {
  std::vector<std::int32_t> row, column;
};

// Words alike in one direction: who holds them and who reads them.
struct WordClass {
  std::int32_t source = 0;
  std::vector<std::int32_t> readers;
  std::uint64_t words = 0;
};

struct Direction {
  PartPlaces sources, readers;
  std::vector<WordClass> classes;
};

// Source and readers of every index; what nobody reads is left out.
Direction direction(PartPlaces sources, PartPlaces readers, const std::vector<std::int32_t>& source_of,
                    const std::vector<std::vector<std::int32_t>>& readers_of);

// Rows of tiles, columns of tiles, and parts of the channels (of output and input parts: output part * input_parts +
// input part) of a mapping.
PartPlaces tile_row_places(const Mapping& mapping);
PartPlaces tile_column_places(const Mapping& mapping);
PartPlaces channel_part_places(const Mapping& mapping);
// Of the owners alone.
PartPlaces output_part_places(const Mapping& mapping);

}  // namespace northpole::map
