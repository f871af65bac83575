#include "schedule/row_halves.h"

#include <algorithm>

namespace northpole::schedule {

namespace {

void add_row(std::vector<RowSegment>& segments, std::int32_t row, bool late) {
  if (segments.empty() || segments.back().late != late) segments.push_back({row, 0, {}, late});
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

std::vector<RowSegment> halves(std::int32_t rows, std::int32_t before, std::int32_t own, const map::PixelTiles& tiles) {
  std::vector<RowSegment> segments;
  for (std::int32_t row = 0; row < rows && tiles.down > 1; ++row) {
    const std::int32_t inside = ((row - before) % own + own) % own;
    add_row(segments, row, inside / tiles.height >= (tiles.down + 1) / 2);
  }
  return segments;
}

std::vector<RowSegment> halves_in_time(const lower::View& view, const std::vector<map::Region>& regions,
                                       const std::vector<Places>& places) {
  constexpr Cycle apart = 16;
  constexpr std::size_t most_segments = 4;
  std::int32_t rows = 0;
  for (const map::Region& region : regions) rows = std::max(rows, region.empty() ? 0 : region.height());
  std::vector<Cycle> times(static_cast<std::size_t>(rows), 0);
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
          Cycle& time = times[static_cast<std::size_t>(y - region.y0)];
          time = std::max(time, written(source, row, column, of.block));
        }
    }
  Cycle least = ~Cycle{0}, most = 0;
  for (const Cycle time : times) {
    if (time != 0) least = std::min(least, time);  // the rest is padding
    most = std::max(most, time);
  }
  std::vector<RowSegment> segments;
  if (most < least || most < least + apart) return segments;
  for (std::int32_t row = 0; row < rows; ++row) {
    const Cycle time = times[static_cast<std::size_t>(row)];
    add_row(segments, row, time == 0 ? !segments.empty() && segments.back().late : time > least + (most - least) / 2);
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
