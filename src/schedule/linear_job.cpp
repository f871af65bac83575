#include "schedule/linear_job.h"

#include <algorithm>
#include <limits>

namespace northpole::schedule {

using map::Region;

LinearJob::Share LinearJob::share(std::uint32_t core, const Tile& tile) const {
  const Region& out = job_.parts[core].output;
  if (out.empty()) return {};
  return {std::min(tile.y1, out.height()) - tile.y0, std::min(tile.x1, out.width()) - tile.x0};
}

bool LinearJob::works(std::uint32_t core, const Tile& tile, std::int32_t group) const {
  return !share(core, tile).empty() && group < map::lane_groups(job_.parts[core].output, *job_.output_tensor).count();
}

LinearJob::Columns LinearJob::columns_of(std::uint32_t core, const Tile& tile, std::int32_t phase) const {
  const std::int32_t phases = layer_.phases, out_x = job_.parts[core].output.x0 + tile.x0;
  const std::int32_t first = (phase - out_x % phases + phases) % phases;
  return {first, std::max(0, (share(core, tile).columns - first + phases - 1) / phases)};
}

std::vector<bool> LinearJob::users(const Tile& tile, std::int32_t group, std::int32_t phase) const {
  std::vector<bool> result(job_.parts.size(), false);
  for (std::uint32_t core = 0; core < result.size(); ++core)
    result[core] = stay_ ? last_tile_[static_cast<std::size_t>(phase) * result.size() + core] >= 0 &&
                               group < map::lane_groups(job_.parts[core].output, *job_.output_tensor).count()
                         : works(core, tile, group) && columns_of(core, tile, phase).count > 0;
  return result;
}

std::int32_t LinearJob::first_word(std::uint32_t core, std::int32_t group) const {
  const map::CorePart& part = job_.parts[core];
  const std::int32_t lane_group = map::lane_groups(part.output, *job_.output_tensor).first + group;
  return layer_.weights.first_block[static_cast<std::size_t>(lane_group)] +
         map::input_slice(layer_, job_.mapping, part.input_part).first;
}

std::uint32_t LinearJob::address(std::uint32_t core, std::int32_t group, const Product& product, std::int32_t y,
                                 std::int32_t x) const {
  const Region& out = job_.parts[core].output;
  return job_.inputs[0]->address(
      core, (out.y0 + y) * layer_.stride_y + product.tap / layer_.window_width * layer_.dilation_y,
      (out.x0 + x) / layer_.phases * layer_.stride_x + product.tap % layer_.window_width * layer_.dilation_x,
      first_word(core, group) + product.word);
}

const Cycle& LinearJob::written(std::uint32_t core, std::int32_t group, const Product& product, std::int32_t y,
                                std::int32_t x) const {
  const Region& out = job_.parts[core].output;
  Holding& input = *job_.inputs[0];
  return input.when(
      core, (out.y0 + y) * layer_.stride_y + product.tap / layer_.window_width * layer_.dilation_y,
      (out.x0 + x) / layer_.phases * layer_.stride_x + product.tap % layer_.window_width * layer_.dilation_x,
      first_word(core, group) + product.word);
}

std::vector<PixelRun> LinearJob::input_runs(std::uint32_t core, const Tile& tile, const Product& product,
                                            const Share& own, const Columns& columns) const {
  const Holding& input = *job_.inputs[0];
  const Region &out = job_.parts[core].output, &held = input.regions[core];
  const std::int32_t first_x = out.x0 + tile.x0 + columns.first;
  return runs_of(input, own.rows, columns.count, [&](std::int32_t y, std::int32_t i) {
    return input.segment_of(
        (out.y0 + tile.y0 + y) * layer_.stride_y + product.tap / layer_.window_width * layer_.dilation_y - held.y0,
        (first_x + i * layer_.phases) / layer_.phases * layer_.stride_x +
            product.tap % layer_.window_width * layer_.dilation_x - held.x0);
  });
}

// Words that are there first come first, and products that need not wait for words of other cores; else taps of a word
// follow each other.
std::vector<Product> LinearJob::order_of_products(const Tile& tile) const {
  constexpr Cycle together = 4;
  std::int32_t words = 0;
  for (std::uint32_t core = 0; core < job_.parts.size(); ++core)
    if (!job_.parts[core].output.empty())
      words = std::max(words, map::input_slice(layer_, job_.mapping, job_.parts[core].input_part).count());
  const std::int32_t taps = layer_.window_height * layer_.window_width;
  std::vector<Cycle> of_product(static_cast<std::size_t>(words * taps), 0), of_word(static_cast<std::size_t>(words), 0);
  for (std::int32_t word = 0; word < words; ++word)
    for (std::uint32_t core = 0; core < job_.parts.size(); ++core) {
      if (!works(core, tile, 0) || word >= map::input_slice(layer_, job_.mapping, job_.parts[core].input_part).count())
        continue;
      const Share own = share(core, tile);
      for (std::int32_t tap = 0; tap < taps; ++tap)
        for (std::int32_t y = tile.y0; y < tile.y0 + own.rows; ++y)
          for (std::int32_t x = tile.x0; x < tile.x0 + own.columns; ++x) {
            const Cycle time = written(core, 0, {tap, word}, y, x);
            Cycle& latest = of_product[static_cast<std::size_t>(word * taps + tap)];
            latest = std::max(latest, time);
            of_word[static_cast<std::size_t>(word)] = std::max(of_word[static_cast<std::size_t>(word)], time);
          }
    }
  const bool in_columns = job_.inputs[0]->in_columns;
  for (std::int32_t column = 0; column < words * layer_.window_width && in_columns; ++column) {
    Cycle latest = 0;
    const auto of_row = [&](std::int32_t y) -> Cycle& {
      return of_product[static_cast<std::size_t>(column / layer_.window_width * taps + y * layer_.window_width +
                                                 column % layer_.window_width)];
    };
    for (std::int32_t y = 0; y < layer_.window_height; ++y) latest = std::max(latest, of_row(y));
    for (std::int32_t y = 0; y < layer_.window_height; ++y) of_row(y) = latest;
  }
  const Cycle first = *std::min_element(of_product.begin(), of_product.end());
  std::vector<Product> order;
  std::vector<std::pair<Cycle, std::int32_t>> by_time;
  for (std::int32_t word = 0; word < words; ++word) by_time.emplace_back(of_word[static_cast<std::size_t>(word)], word);
  std::stable_sort(by_time.begin(), by_time.end());
  for (const bool early : {true, false})
    for (const auto& [time, word] : by_time)
      for (std::int32_t i = 0; i < taps; ++i) {
        // Where the input's columns lie in two banks, taps of a column of the window follow each other.
        const std::int32_t tap =
            in_columns ? i % layer_.window_height * layer_.window_width + i / layer_.window_height : i;
        if ((of_product[static_cast<std::size_t>(word * taps + tap)] <= first + together) == early)
          order.push_back({tap, word});
      }
  return order;
}

void LinearJob::plan(std::vector<Product>& order) {
  const map::PixelTiles tiles = map::pixel_tiles(job_.mapping, state_.chip);
  const map::Mapping& m = job_.mapping;
  for (std::int32_t down = 0; down < tiles.down; ++down)
    for (std::int32_t across = 0; across < tiles.across; ++across)
      tiles_.push_back({down * tiles.height, std::min((down + 1) * tiles.height, m.tile_height), across * tiles.width,
                        std::min((across + 1) * tiles.width, m.tile_width)});
  if (job_.last_rows_early && tiles.across == 1 && tiles.down > 1) std::swap(tiles_[tiles_.size() - 2], tiles_.back());
  last_tile_.assign(static_cast<std::size_t>(layer_.phases) * job_.parts.size(), -1);
  for (std::int32_t phase = 0; phase < layer_.phases; ++phase)
    for (std::uint32_t core = 0; core < job_.parts.size(); ++core)
      for (std::size_t tile = 0; tile < tiles_.size(); ++tile)
        if (!share(core, tiles_[tile]).empty() && columns_of(core, tiles_[tile], phase).count > 0)
          last_tile_[static_cast<std::size_t>(phase) * job_.parts.size() + core] = static_cast<std::int32_t>(tile);
  if (order.empty()) {
    order = order_of_products(tiles_[0]);
    weights_.set_order(order, memory_);
  }
  order_ = order;
  for (const map::CorePart& part : job_.parts)
    if (!part.output.empty()) groups_ = std::max(groups_, map::lane_groups(part.output, *job_.output_tensor).count());
  const auto blocks = static_cast<std::uint32_t>(groups_ * layer_.phases) *
                      (weights_.one_for_all() ? 1U : static_cast<std::uint32_t>(order_.size()));
  stay_ = tiles.count() > 1 && (blocks + 1) * weights_.block_words() <= state_.ring.size();
  placed_.assign(static_cast<std::size_t>(groups_ * layer_.phases) * order_.size(), {});
  // Long streams of weights that the VMM waits for travel several blocks at a time: they would fill the memories with
  // programs otherwise.
  constexpr std::uint32_t many = 512;
  if (blocks >= many && !weights_.one_for_all() && !stay_)
    fetched_together_ = std::max<std::size_t>(1, state_.ring.size() / weights_.block_words() / 8);
  passes_.resize(job_.parts.size());
  while (finished_ < tiles_.size() * static_cast<std::size_t>(groups_)) {
    if (units_.size() == finished_) open_next();
    if (units_[finished_].left > 0) place(next_pass());
    if (units_[finished_].left > 0) continue;
    flush();
    if (m.input_parts > 1) reduce(units_[finished_]);
    finish(units_[finished_]);
    units_[finished_++] = {};
  }
}

void LinearJob::fetch(std::int32_t group, std::int32_t phase, std::size_t rank, const std::vector<bool>& needing) {
  const std::uint32_t words = weights_.block_words();
  Placed* blocks = &placed(group, phase, rank);
  std::size_t count = 0;
  for (const std::size_t most = std::min(fetched_together_, order_.size() - rank); count < most; ++count) {
    const std::uint32_t before = state_.ring.next, ring = state_.ring.take(words);
    if (count > 0 && ring != blocks[0].ring + count * words) {  // the ring's end
      state_.ring.next = before;
      break;
    }
    blocks[count].ring = ring;
  }
  const std::uint32_t first = blocks[0].ring, all = static_cast<std::uint32_t>(count) * words;
  const auto arrivals =
      weights_.bring(group, phase, static_cast<std::int32_t>(rank), static_cast<std::int32_t>(count), needing, first,
                     state_.ring.empty_from(first, all), state_.resources, state_.plan);
  for (std::size_t i = 0; i < count; ++i) {
    blocks[i].there = arrivals[i].there;
    blocks[i].fetched = true;
    if (arrivals[i].first != 0) job_.begins(arrivals[i].first);
  }
  state_.ring.release(first, all, std::numeric_limits<Cycle>::max());
}

}  // namespace northpole::schedule
