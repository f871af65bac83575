#include "schedule/holding.h"

#include <algorithm>

namespace northpole::schedule {

std::uint32_t Holding::lay_out() {
  std::int32_t height = 0, width = 0, blocks = 0;
  ready.assign(regions.size(), {});
  for (std::size_t core = 0; core < regions.size(); ++core) {
    const map::Region& region = regions[core];
    if (region.empty()) continue;
    height = std::max(height, region.height());
    width = std::max(width, region.width());
    blocks = std::max(blocks, region.blocks());
    ready[core].assign(static_cast<std::size_t>(region.height()) * static_cast<std::size_t>(region.width()) *
                           static_cast<std::size_t>(region.blocks()),
                       0);
  }
  pitch_x = static_cast<std::uint32_t>(blocks);
  pitch_y = pitch_x * static_cast<std::uint32_t>(width);
  return pitch_y * static_cast<std::uint32_t>(height);
}

std::uint32_t Holding::words_of(std::int32_t segment, std::int32_t rows, std::int32_t columns) const {
  const std::int32_t count = std::min(end_of(segment), in_columns ? columns : rows) - first_of(segment);
  return in_columns ? offset(rows - 1, count) : offset(count, 0);
}

map::Region Holding::part(std::uint32_t core, std::int32_t segment) const {
  map::Region region = regions[core];
  std::int32_t &first = in_columns ? region.x0 : region.y0, &end = in_columns ? region.x1 : region.y1;
  const std::int32_t start = first;
  end = std::min(end, start + end_of(segment));
  first = start + first_of(segment);
  return region;
}

std::vector<PixelRun> runs_of(const Holding& holding, std::int32_t rows, std::int32_t columns,
                              const std::function<std::int32_t(std::int32_t, std::int32_t)>& segment_of) {
  if (holding.segments.empty()) return {{0, rows, 0, columns}};
  std::vector<PixelRun> runs;
  for (std::int32_t row = 0; row < rows; ++row) {
    if (!holding.in_columns) {
      if (runs.empty() || segment_of(row, 0) != segment_of(row - 1, 0)) runs.push_back({row, 0, 0, columns});
      ++runs.back().rows;
      continue;
    }
    for (std::int32_t column = 0; column < columns; ++column) {
      if (column == 0 || segment_of(row, column) != segment_of(row, column - 1)) runs.push_back({row, 1, column, 0});
      ++runs.back().columns;
    }
  }
  return runs;
}

}  // namespace northpole::schedule
