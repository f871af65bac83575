#include "map/transfer_parts.h"

#include <utility>

namespace northpole::map {

Direction direction(PartPlaces sources, PartPlaces readers, const std::vector<std::int32_t>& source_of,
                    const std::vector<std::vector<std::int32_t>>& readers_of) {
  Direction result{std::move(sources), std::move(readers), {}};
  for (std::size_t i = 0; i < source_of.size(); ++i) {
    if (readers_of[i].empty()) continue;
    // Words alike mostly lie side by side.
    auto alike = result.classes.rbegin();
    while (alike != result.classes.rend() && !(alike->source == source_of[i] && alike->readers == readers_of[i]))
      ++alike;
    if (alike != result.classes.rend())
      ++alike->words;
    else
      result.classes.push_back({source_of[i], readers_of[i], 1});
  }
  return result;
}

PartPlaces tile_row_places(const Mapping& m) {
  PartPlaces places;
  for (std::int32_t tile = 0; tile < m.tile_rows(); ++tile) {
    places.row.push_back(tile / m.column_y_parts);
    places.column.push_back(tile % m.column_y_parts * m.column_y_stride());
  }
  return places;
}

PartPlaces tile_column_places(const Mapping& m) {
  PartPlaces places;
  for (std::int32_t tile = 0; tile < m.x_parts; ++tile) {
    places.row.push_back(0);
    places.column.push_back(tile * m.x_stride());
  }
  return places;
}

PartPlaces channel_part_places(const Mapping& m) {
  PartPlaces places;
  for (std::int32_t part = 0; part < m.output_parts(); ++part)
    for (std::int32_t input_part = 0; input_part < m.input_parts; ++input_part) {
      places.row.push_back(part / m.column_output_parts * m.y_parts);
      places.column.push_back(part % m.column_output_parts * m.column_output_stride() + input_part);
    }
  return places;
}

PartPlaces output_part_places(const Mapping& m) {
  PartPlaces places;
  for (std::int32_t part = 0; part < m.output_parts(); ++part) {
    places.row.push_back(part / m.column_output_parts * m.y_parts);
    places.column.push_back(part % m.column_output_parts * m.column_output_stride());
  }
  return places;
}

}  // namespace northpole::map
