#include "schedule/halves.h"

#include <algorithm>

namespace northpole::schedule {

namespace {

void add(std::vector<Segment>& segments, std::int32_t place, bool late) {
  if (segments.empty() || segments.back().late != late) segments.push_back({place, 0, {}, late});
}

// When the word of the tensor is written; 0 where nobody holds it.
Cycle written(const Places& places, std::int32_t row, std::int32_t column, std::int32_t block) {
  for (const Piece& piece : places.pieces) {
    const map::Region& r = piece.region;
    if (r.y0 <= row && row < r.y1 && r.x0 <= column && column < r.x1 && r.block0 <= block && block < r.block1)
      return places.holding->when(piece.place, row, column, block);
  }
  return 0;
}

}  // namespace

Halves halves_of(const map::Mapping& mapping, const map::PixelTiles& tiles) {
  if (mapping.one_bank) return Halves::none;
  if (mapping.pixel_rows > 0 && tiles.down > 1) return Halves::rows;
  if (mapping.pixel_columns > 0 && tiles.across > 1 && mapping.tile_height == 1) return Halves::columns;
  return Halves::none;
}

std::vector<Segment> halves(std::int32_t size, std::int32_t before, std::int32_t own, std::int32_t together) {
  std::vector<Segment> segments;
  const std::int32_t times = (own + together - 1) / together;
  for (std::int32_t place = 0; place < size && times > 1; ++place) {
    const std::int32_t inside = ((place - before) % own + own) % own;
    add(segments, place, inside / together >= (times + 1) / 2);
  }
  return segments;
}

std::vector<Segment> halves_in_time(const lower::View& view, const std::vector<map::Region>& regions,
                                    const std::vector<Places>& places, Halves along) {
  constexpr Cycle apart = 16;
  constexpr std::size_t most_segments = 4;
  const bool rows = along == Halves::rows;
  std::int32_t size = 0;
  for (const map::Region& region : regions)
    size = std::max(size, region.empty() ? 0 : rows ? region.height() : region.width());
  std::vector<Cycle> times(static_cast<std::size_t>(size), 0);
  for (const map::Region& region : regions)
    for (std::int32_t block = region.block0; block < region.block1 && !region.empty(); ++block) {
      const auto& of = view.blocks[static_cast<std::size_t>(block)];
      const auto& spatial = view.maps[static_cast<std::size_t>(of.map)];
      const Places& source = places[static_cast<std::size_t>(of.tensor)];
      if (source.holding == nullptr) return {};
      for (std::int32_t y = region.y0; y < region.y1; ++y)
        for (std::int32_t x = region.x0; x < region.x1; ++x) {
          const std::int32_t row = spatial.row[static_cast<std::size_t>(y)],
                             column = spatial.column[static_cast<std::size_t>(x)];
          if (row < 0 || column < 0) continue;
          Cycle& time = times[static_cast<std::size_t>(rows ? y - region.y0 : x - region.x0)];
          time = std::max(time, written(source, row, column, of.block));
        }
    }
  Cycle least = ~Cycle{0}, most = 0;
  for (const Cycle time : times) {
    if (time != 0) least = std::min(least, time);  // the rest is padding
    most = std::max(most, time);
  }
  std::vector<Segment> segments;
  if (most < least || most < least + apart) return segments;
  for (std::int32_t place = 0; place < size; ++place) {
    const Cycle time = times[static_cast<std::size_t>(place)];
    add(segments, place, time == 0 ? !segments.empty() && segments.back().late : time > least + (most - least) / 2);
  }
  if (segments.size() > most_segments) segments.clear();
  return segments;
}

bool read_by_linear_layers(const lower::LayerGraph& graph, std::int32_t tensor) {
  const auto reads = [&](const lower::View& view) {
    return std::any_of(view.blocks.begin(), view.blocks.end(),
                       [&](const lower::ViewBlock& block) { return block.tensor == tensor; });
  };
  for (const lower::FrameOutput& output : graph.outputs)
    if (reads(output.view)) return false;
  return std::none_of(graph.layers.begin(), graph.layers.end(), [&](const lower::Layer& layer) {
    return layer.kind != lower::LayerKind::linear && std::any_of(layer.inputs.begin(), layer.inputs.end(), reads);
  });
}

}  // namespace northpole::schedule
