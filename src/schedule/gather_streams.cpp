// Which words go from where to where: boxes of a view that one place holds and one set of cores needs.
#include <algorithm>
#include <set>

#include "network/error.h"
#include "schedule/gather.h"

namespace northpole::schedule {

namespace {

using map::Region;

struct Run {
  std::int32_t first, last;  // half open
};

// Cuts [0, size) where `cuts` says so or where neighbours do not continue each other.
template <typename Continues>
std::vector<Run> runs_of(std::int32_t size, const std::set<std::int32_t>& cuts, Continues continues) {
  std::vector<Run> runs;
  for (std::int32_t i = 0; i < size; ++i) {
    if (!runs.empty() && runs.back().last == i && cuts.count(i) == 0 && continues(runs.back().first, i))
      ++runs.back().last;
    else
      runs.push_back({i, i + 1});
  }
  return runs;
}

std::vector<bool> cores_where(const Holding& to, const auto& condition) {
  std::vector<bool> result(to.regions.size());
  for (std::size_t core = 0; core < result.size(); ++core)
    result[core] = !to.regions[core].empty() && condition(to.regions[core]);
  return result;
}

// Rows before `row` in the regions of the cores that it goes to: the fewest.
std::int32_t fewest_rows_before(std::int32_t row, const Destination& to, const Holding& holding,
                                const chip::ChipDescription& chip) {
  std::int32_t fewest = row;
  for (std::uint32_t core = 0; core < chip.cores(); ++core)
    if ((to.rows >> (core / chip.columns) & 1U) != 0 && (to.columns >> (core % chip.columns) & 1U) != 0)
      fewest = std::min(fewest, row - holding.regions[core].y0);
  return fewest;
}

// Stored positions of rows or columns, cut also at the borders of the pieces that hold them.
std::vector<Run> axis_runs(const std::vector<std::int32_t>& stored, const std::set<std::int32_t>& cuts,
                           const std::set<std::int32_t>& borders) {
  return runs_of(static_cast<std::int32_t>(stored.size()), cuts, [&](std::int32_t first, std::int32_t next) {
    const auto at = [&](std::int32_t i) { return stored[static_cast<std::size_t>(i)]; };
    if (at(next) < 0 || at(first) < 0) return at(next) < 0 && at(first) < 0;
    if (next - first >= 2 && at(next) - at(next - 1) != at(first + 1) - at(first)) return false;
    if (at(next) < at(next - 1)) return false;
    return borders.upper_bound(at(first)) == borders.upper_bound(at(next));
  });
}

// Cuts a row of times where waiting for the next one would hold up what is there by more than its own sending.
std::vector<Run> runs_in_time(const std::vector<Cycle>& times, Cycle words_each, Cycle most_words, Cycle link_cycles) {
  constexpr Cycle patience = 8;
  std::vector<Run> runs;
  Cycle latest = 0;
  for (std::int32_t i = 0; i < static_cast<std::int32_t>(times.size()); ++i) {
    const Cycle time = times[static_cast<std::size_t>(i)];
    if (!runs.empty()) {
      const Cycle words = static_cast<Cycle>(runs.back().last - runs.back().first) * words_each;
      if (time <= latest + std::max(patience, words * link_cycles) && words + words_each <= most_words) {
        runs.back().last = i + 1;
        latest = std::max(latest, time);
        continue;
      }
    }
    runs.push_back({i, i + 1});
    latest = time;
  }
  return runs;
}

// Cuts a stream by the times at which its words are written, and tells each part when it could start.
void cut_in_time(const Stream& whole, Cycle link_cycles, std::vector<Stream>& result) {
  // Words from an edge unit are there from the start: cores take turns.
  constexpr Cycle most_words = 256, few_words = 64;
  const auto written = [&](std::int32_t y, std::int32_t x, std::int32_t block) {
    return whole.source->written(*whole.from, whole.stored[0] + y * whole.step[0], whole.stored[1] + x * whole.step[1],
                                 whole.stored[2] + block);
  };
  const Cycle most = whole.from->edge ? few_words : most_words;
  // The last of the words of a box, of each of its slices along an axis.
  const auto slices = [&](const Run(&box)[3], std::size_t axis) {
    std::vector<Cycle> times(static_cast<std::size_t>(box[axis].last - box[axis].first), 0);
    std::int32_t at[3];
    for (at[0] = box[0].first; at[0] < box[0].last; ++at[0])
      for (at[1] = box[1].first; at[1] < box[1].last; ++at[1])
        for (at[2] = box[2].first; at[2] < box[2].last; ++at[2]) {
          Cycle& time = times[static_cast<std::size_t>(at[axis] - box[axis].first)];
          time = std::max(time, written(at[0], at[1], at[2]));
        }
    return times;
  };
  const auto length = [](const Run& run) { return static_cast<Cycle>(run.last - run.first); };
  Run box[3] = {{0, whole.count[0]}, {0, whole.count[1]}, {0, whole.count[2]}};
  const Cycle row_words = length(box[1]) * length(box[2]);
  for (const Run& rows : runs_in_time(slices(box, 0), row_words, std::max(most, row_words), link_cycles)) {
    Run of_rows[3] = {rows, box[1], box[2]};
    for (const Run& columns : runs_in_time(slices(of_rows, 1), length(rows) * length(box[2]),
                                           std::max(most, length(rows) * row_words), link_cycles)) {
      Run of_columns[3] = {rows, columns, box[2]};
      for (const Run& blocks : runs_in_time(slices(of_columns, 2), length(rows) * length(columns),
                                            std::max(most, row_words), link_cycles)) {
        Stream part = whole;
        part.count[0] = rows.last - rows.first;
        part.count[1] = columns.last - columns.first;
        part.count[2] = blocks.last - blocks.first;
        part.first[0] += rows.first;
        part.first[1] += columns.first;
        part.first[2] += blocks.first;
        part.rank += rows.first;
        part.stored[0] += rows.first * whole.step[0];
        part.stored[1] += columns.first * whole.step[1];
        part.stored[2] += blocks.first;
        Cycle k = 0;
        for (std::int32_t y = rows.first; y < rows.last; ++y)
          for (std::int32_t x = columns.first; x < columns.last; ++x)
            for (std::int32_t block = blocks.first; block < blocks.last; ++block, ++k) {
              const Cycle time = written(y, x, block) + 1;
              if (part.from->edge) continue;
              if (time > k * link_cycles) part.soonest = std::max(part.soonest, time - k * link_cycles);
              if (time > 2 * k * link_cycles)
                part.soonest_spaced = std::max(part.soonest_spaced, time - 2 * k * link_cycles);
            }
        result.push_back(part);
      }
    }
  }
}

}  // namespace

std::vector<Stream> streams_for(const lower::View& view, const Holding& to, const std::vector<Places>& places, bool own,
                                const chip::ChipDescription& group_chip) {
  std::set<std::int32_t> y_cuts, x_cuts, block_cuts;
  for (const Region& region : to.regions) {
    if (region.empty()) continue;
    y_cuts.insert({region.y0, region.y1});
    for (const Segment& segment : to.segments)
      (to.in_columns ? x_cuts : y_cuts).insert((to.in_columns ? region.x0 : region.y0) + segment.first);
    x_cuts.insert({region.x0, region.x1});
    block_cuts.insert({region.block0, region.block1});
  }
  const auto block_runs =
      runs_of(static_cast<std::int32_t>(view.blocks.size()), block_cuts, [&](std::int32_t first, std::int32_t next) {
        const auto &a = view.blocks[static_cast<std::size_t>(first)], &b = view.blocks[static_cast<std::size_t>(next)];
        if (a.tensor != b.tensor || a.map != b.map || b.block - a.block != next - first) return false;
        for (const Piece& piece : places[static_cast<std::size_t>(a.tensor)].pieces)
          if (a.block < piece.region.block1 && b.block >= piece.region.block1) return false;
        return true;
      });

  std::vector<Stream> streams;
  for (const Run& block_run : block_runs) {
    const auto& view_block = view.blocks[static_cast<std::size_t>(block_run.first)];
    const auto& spatial = view.maps[static_cast<std::size_t>(view_block.map)];
    const Places& source = places[static_cast<std::size_t>(view_block.tensor)];
    std::set<std::int32_t> y_borders, x_borders;
    for (const Piece& piece : source.pieces) {
      y_borders.insert({piece.region.y0, piece.region.y1});
      x_borders.insert({piece.region.x0, piece.region.x1});
    }
    const auto y_runs = axis_runs(spatial.row, y_cuts, y_borders),
               x_runs = axis_runs(spatial.column, x_cuts, x_borders);
    const auto block_cores =
        cores_where(to, [&](const Region& r) { return r.block0 <= block_run.first && block_run.last <= r.block1; });
    std::vector<std::vector<bool>> x_cores;
    for (const Run& x : x_runs)
      x_cores.push_back(cores_where(to, [&](const Region& r) { return r.x0 <= x.first && x.last <= r.x1; }));
    for (const Run& y : y_runs) {
      const std::int32_t row = spatial.row[static_cast<std::size_t>(y.first)];
      if (row < 0) continue;
      auto row_cores = cores_where(to, [&](const Region& r) { return r.y0 <= y.first && y.last <= r.y1; });
      for (std::size_t core = 0; core < row_cores.size(); ++core)
        row_cores[core] = row_cores[core] && block_cores[core];
      for (std::size_t i = 0; i < x_runs.size(); ++i) {
        const Run& x = x_runs[i];
        const std::int32_t column = spatial.column[static_cast<std::size_t>(x.first)];
        if (column < 0) continue;
        std::vector<bool> needing(row_cores.size());
        for (std::size_t core = 0; core < needing.size(); ++core) needing[core] = row_cores[core] && x_cores[i][core];
        if (std::find(needing.begin(), needing.end(), true) == needing.end()) continue;
        const auto holder = std::find_if(source.pieces.begin(), source.pieces.end(), [&](const Piece& p) {
          const Region& r = p.region;
          return r.y0 <= row && row < r.y1 && r.x0 <= column && column < r.x1 && r.block0 <= view_block.block &&
                 view_block.block < r.block1;
        });
        if (holder == source.pieces.end()) throw Error("internal: a tensor is not where it should be");
        if (own && !holder->edge) needing[holder->place] = false;
        const auto destinations = products(needing, group_chip);
        const auto step = [](const std::vector<std::int32_t>& stored, const Run& run) {
          return run.last - run.first > 1
                     ? stored[static_cast<std::size_t>(run.first + 1)] - stored[static_cast<std::size_t>(run.first)]
                     : 0;
        };
        Stream stream;
        stream.from = &*holder;
        stream.source = &source;
        stream.count[0] = y.last - y.first;
        stream.count[1] = x.last - x.first;
        stream.count[2] = block_run.last - block_run.first;
        stream.first[0] = y.first;
        stream.first[1] = x.first;
        stream.first[2] = block_run.first;
        stream.stored[0] = row;
        stream.stored[1] = column;
        stream.stored[2] = view_block.block;
        stream.step[0] = step(spatial.row, y);
        stream.step[1] = step(spatial.column, x);
        for (const Destination& destination : destinations) {
          stream.to = destination;
          stream.rank = fewest_rows_before(y.first, destination, to, group_chip);
          cut_in_time(stream, group_chip.word_link_cycles, streams);
        }
      }
    }
  }
  return streams;
}

}  // namespace northpole::schedule
