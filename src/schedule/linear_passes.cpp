// Which pass of a linear layer comes next, and when.
#include <algorithm>
#include <limits>

#include "schedule/linear_job.h"

namespace northpole::schedule {

bool LinearJob::open_next() {
  const std::size_t next = units_.size();
  if (next == tiles_.size() * static_cast<std::size_t>(groups_)) return false;
  Unit unit;
  unit.tile = static_cast<std::int32_t>(next) / groups_;
  unit.group = static_cast<std::int32_t>(next) % groups_;
  const Tile& tile = tiles_[static_cast<std::size_t>(unit.tile)];
  const auto pixels = static_cast<std::uint32_t>(tile.pixels());
  const std::uint64_t oldest = finished_ < next ? units_[finished_].first : opened_sums_;
  if (finished_ < next && opened_sums_ + pixels - oldest > state_.chip.partial_sums) return false;
  unit.first = opened_sums_;
  opened_sums_ += pixels;
  unit.sums = state_.sums.take(pixels);
  unit.ready.assign(pixels, 0);
  const auto phases = static_cast<std::size_t>(layer_.phases);
  unit.done.assign(phases * order_.size(), false);
  unit.inputs.assign(unit.done.size(), unknown);
  unit.left = unit.done.size();
  unit.begun.assign(phases, false);
  unit.second_pass.assign(phases * job_.parts.size(), std::numeric_limits<Cycle>::max());
  unit.passed.assign(phases * job_.parts.size(), false);
  for (std::int32_t phase = 0; phase < layer_.phases; ++phase) {
    const std::vector<bool> needing = users(tile, unit.group, phase);
    if (std::find(needing.begin(), needing.end(), true) != needing.end()) continue;
    for (std::size_t rank = 0; rank < order_.size(); ++rank) unit.done[pass_index(phase, rank)] = true;
    unit.left -= order_.size();
  }
  units_.push_back(std::move(unit));
  return true;
}

bool LinearJob::may_go(const Unit& unit, std::int32_t phase, std::size_t rank) const {
  if (unit.done[pass_index(phase, rank)]) return false;
  // A block that stays is released behind its last tile.
  const std::size_t number = static_cast<std::size_t>(unit.tile * groups_ + unit.group);
  return unit.tile == 0 || number - static_cast<std::size_t>(groups_) < finished_ ||
         units_[number - static_cast<std::size_t>(groups_)].done[pass_index(phase, rank)];
}

Cycle LinearJob::after_inputs(Unit& unit, std::int32_t phase, std::size_t rank) const {
  Cycle& result = unit.inputs[pass_index(phase, rank)];
  if (result != unknown) return result;
  result = 0;
  const Tile& tile = tiles_[static_cast<std::size_t>(unit.tile)];
  for_each_core(unit, phase, rank, [&](std::uint32_t core, const Share& own, const Columns& columns) {
    // The words of a row lie at a constant distance from each other.
    const std::ptrdiff_t distance = std::ptrdiff_t{layer_.stride_x} * job_.inputs[0]->regions[core].blocks();
    for (std::int32_t y = 0; y < own.rows; ++y) {
      const Cycle* there = &written(core, unit.group, order_[rank], tile.y0 + y, tile.x0 + columns.first);
      for (std::int32_t i = 0; i < columns.count; ++i, there += distance) {
        const auto k = static_cast<Cycle>(y * cycles_of_row(tile) + i);
        if (*there + 1 > k) result = std::max(result, *there + 1 - k);
      }
    }
  });
  return result;
}

std::size_t LinearJob::ranks_together(const Unit& unit, std::int32_t phase, std::size_t rank) const {
  const Tile& tile = tiles_[static_cast<std::size_t>(unit.tile)];
  // The first pass starts the sums: it stays alone.
  if (!job_.inputs[0]->in_columns || layer_.phases != 1 || weights_.one_for_all() || tile.y1 - tile.y0 != 1 ||
      !unit.begun[0])
    return 1;
  bool cut = false;
  for_each_core(unit, phase, rank, [&](std::uint32_t core, const Share& own, const Columns& columns) {
    cut = cut || input_runs(core, tile, order_[rank], own, columns).size() > 1;
  });
  if (!cut) return 1;
  // Their blocks are in the weight buffer together, half of which is left to those that come next.
  const std::size_t most = state_.ring.size() / weights_.block_words() / 2;
  std::size_t count = 1;
  const auto column = [&](std::size_t r) { return std::pair(order_[r].word, order_[r].tap % layer_.window_width); };
  while (count < most && rank + count < order_.size() && column(rank + count) == column(rank) &&
         may_go(unit, phase, rank + count))
    ++count;
  return count;
}

LinearJob::Pass LinearJob::pass_of(std::size_t number, std::int32_t phase, std::size_t rank) {
  Unit& unit = units_[number];
  const Tile& tile = tiles_[static_cast<std::size_t>(unit.tile)];
  const std::int32_t row = cycles_of_row(tile);
  Resources& resources = state_.resources;
  const bool fresh = !unit.begun[static_cast<std::size_t>(phase)];
  Pass pass{number, rank, ranks_together(unit, phase, rank), phase, {{&resources.vmm, 0, 0}}};
  for (std::size_t r = 0; r < pass.ranks; ++r)
    pass.after_inputs = std::max(pass.after_inputs, after_inputs(unit, phase, rank + r));
  const auto ranks = static_cast<std::int32_t>(pass.ranks);
  for_each_core(unit, phase, rank, [&](std::uint32_t core, const Share& own, const Columns& columns) {
    for (std::int32_t y = 0; y < own.rows && fresh; ++y)
      for (std::int32_t i = 0; i < columns.count; ++i) {
        const auto k = static_cast<Cycle>(y * row + i);
        const auto sum = static_cast<std::uint32_t>(y * tile.width() + columns.first + i * layer_.phases);
        const Cycle free = state_.sums.free_from[(unit.sums + sum) % state_.chip.partial_sums];
        if (free > k) pass.after_sums = std::max(pass.after_sums, free - k);
      }
    pass.length = std::max(pass.length, static_cast<Cycle>(((own.rows - 1) * row + columns.count) * ranks));
    for (const PixelRun& run : input_runs(core, tile, order_[rank], own, columns)) {
      const std::uint32_t from = address(core, unit.group, order_[rank], tile.y0 + run.row,
                                         tile.x0 + columns.first + run.column * layer_.phases);
      pass.needs.push_back({&resources.bank(core, resources.bank_of(from)),
                            static_cast<Cycle>((run.row * row + run.column) * ranks),
                            static_cast<Cycle>(((run.rows - 1) * row + run.columns) * ranks)});
    }
  });
  pass.needs[0].count = pass.length;
  // An idle cycle before a lane group now and then leaves room for changing programs. (One before each of them took 300
  // of ResNet-50's 13,000 cycles for a frame.)
  constexpr Cycle longest_run = 96;
  const bool first = std::find(unit.begun.begin(), unit.begun.end(), true) == unit.begun.end(),
             pause = first && state_.vmm_free > state_.vmm_since + longest_run;
  pass.floor = std::max(state_.vmm_free + (pause ? 1 : 0), Cycle{2});
  pass.start =
      pass.length == 0 ? pass.floor : earliest(pass.needs, std::max({pass.after_inputs, pass.after_sums, pass.floor}));
  return pass;
}

LinearJob::Pass LinearJob::next_pass() {
  const bool in_order = state_.in_order || fetched_together_ > 1 || weights_.one_for_all();
  // What waits for less than this goes before what could fill the time: each change is an instruction more.
  const auto patience = [](const Pass& pass) { return std::max<Cycle>(4, pass.length / 8); };
  constexpr std::size_t most_tried = 4;  // eight brought ResNet-50 nothing more
  // Passes in order take fewer instructions, which is worth that many cycles.
  constexpr Cycle in_order_within = 2;
  // Of a unit, the first pass in order whose words are there; else the one whose words are there first, but for a few
  // cycles.
  const auto next_of = [&](std::size_t number, Cycle floor) -> std::optional<Pass> {
    Unit& unit = units_[number];
    Cycle least = unknown;
    std::pair<std::int32_t, std::size_t> of_least;
    for (std::int32_t phase = 0; phase < layer_.phases; ++phase)
      for (std::size_t rank = 0; rank < order_.size(); ++rank) {
        if (!may_go(unit, phase, rank)) continue;
        const Cycle inputs = std::max(after_inputs(unit, phase, rank), floor);
        if (least == unknown || inputs + in_order_within < least) {
          least = inputs;
          of_least = {phase, rank};
        }
        if (in_order) return pass_of(number, phase, rank);
      }
    if (least == unknown) return std::nullopt;
    Pass pass = pass_of(number, of_least.first, of_least.second);
    // Where banks keep it waiting, another one whose words are there, and whose banks are free, goes before it.
    const Cycle hurry = patience(pass);
    std::size_t tried = 0;
    for (std::int32_t phase = 0; phase < layer_.phases; ++phase)
      for (std::size_t rank = 0; rank < order_.size(); ++rank) {
        if (tried == most_tried || pass.start <= std::max(least, pass.floor) + hurry) return pass;
        if (!may_go(unit, phase, rank) || after_inputs(unit, phase, rank) >= pass.start) continue;
        ++tried;
        if (Pass other = pass_of(number, phase, rank); other.start + hurry < pass.start) pass = std::move(other);
      }
    return pass;
  };
  Pass best = *next_of(finished_, state_.vmm_free + 1);
  if (in_order) return best;
  const bool one_tile_at_a_time = tiles_.size() > 1 && !stay_;
  const Cycle hurry = patience(best), wanted = best.floor + hurry;
  for (std::size_t number = finished_ + 1; best.start > wanted; ++number) {
    if (number == units_.size()) {
      const bool other_tile = number % static_cast<std::size_t>(groups_) == 0;
      if ((other_tile && one_tile_at_a_time) || !open_next()) break;
    }
    // Sums are finished in the order of units.
    if (units_[number].left == 1) continue;
    auto other = next_of(number, best.floor);
    if (other && other->ranks < units_[number].left && other->start + hurry < best.start) best = std::move(*other);
  }
  return best;
}

// Why the VMM is idle before a pass.
void LinearJob::count_waits(const Pass& pass, Cycle after_weights, Cycle start) {
  const Cycle wanted = std::max({after_weights, pass.after_inputs, pass.after_sums, pass.floor});
  program::LayerCycles& cycles = job_.cycles;
  if (wanted == pass.after_inputs && pass.after_inputs >= after_weights)
    cycles.waited_inputs += wanted - pass.floor;
  else if (wanted == after_weights)
    cycles.waited_weights += wanted - pass.floor;
  else
    cycles.waited_partial_sums += wanted - pass.floor;
  cycles.waited_banks += start - wanted;
}

std::vector<Cycle> LinearJob::last_issues(const Pass& pass, Cycle start) const {
  const Unit& unit = units_[pass.unit];
  const Tile& tile = tiles_[static_cast<std::size_t>(unit.tile)];
  std::vector<Cycle> issued(static_cast<std::size_t>(tile.pixels()), 0);
  if (const auto ranks = static_cast<std::int32_t>(pass.ranks); ranks > 1) {
    for_each_core(unit, pass.phase, pass.rank, [&](std::uint32_t core, const Share& own, const Columns& columns) {
      for (const PixelRun& run : input_runs(core, tile, order_[pass.rank], own, columns))
        for (std::int32_t i = 0; i < run.columns; ++i) {
          Cycle& latest = issued[static_cast<std::size_t>(columns.first + run.column + i)];
          latest = std::max(latest, start + static_cast<Cycle>(run.column * ranks + (ranks - 1) * run.columns + i));
        }
    });
    return issued;
  }
  for (std::int32_t y = 0; y < tile.y1 - tile.y0; ++y)
    for (std::int32_t x = 0; x < tile.width(); ++x) {
      const auto k = static_cast<Cycle>(y * cycles_of_row(tile) + x / layer_.phases);
      issued[static_cast<std::size_t>(y * tile.width() + x)] = start + std::min(k, pass.length - 1);
    }
  return issued;
}

void LinearJob::place(const Pass& pass) {
  Unit& unit = units_[pass.unit];
  const Tile& tile = tiles_[static_cast<std::size_t>(unit.tile)];
  Cycle after_weights = 0;
  for (std::size_t r = pass.rank; r < pass.rank + pass.ranks; ++r) {
    const Placed& block = placed(unit.group, pass.phase, r);
    if (!block.fetched) fetch(unit.group, pass.phase, r, users(tile, unit.group, pass.phase));
    after_weights = std::max(after_weights, block.there + 1);
    unit.done[pass_index(pass.phase, r)] = true;
    --unit.left;
  }
  if (pass.length > 0) {
    // Weights may have taken cycles of the banks meanwhile.
    const Cycle start = earliest(pass.needs, std::max(after_weights, pass.start)), last = start + pass.length - 1;
    take(pass.needs, start);
    count_waits(pass, after_weights, start);
    job_.issues(start, last);
    job_.cycles.arithmetic_bound += pass.length;
    if (start > state_.vmm_free) state_.vmm_since = start;
    state_.vmm_free = last + 1;
    job_.inputs[0]->used(last);
    add_instructions(pass, start);
    unit.begun[static_cast<std::size_t>(pass.phase)] = true;
    const std::vector<Cycle> issued = last_issues(pass, start);
    for (std::size_t sum = 0; sum < issued.size(); ++sum)
      unit.ready[sum] = std::max(unit.ready[sum], issued[sum] + state_.chip.vmm_latency);
  }
  for (std::size_t r = pass.rank; r < pass.rank + pass.ranks; ++r) {
    Placed& block = placed(unit.group, pass.phase, r);
    if (pass.length > 0) block.last_pass = state_.vmm_free - 1;
    const bool last_product = !weights_.one_for_all() || r + 1 == order_.size();
    const bool last_tile = !stay_ || unit.tile + 1 == static_cast<std::int32_t>(tiles_.size());
    if (!last_product || !last_tile) continue;
    state_.ring.release(block.ring, weights_.block_words(), block.last_pass);
    block.fetched = false;
  }
}

}  // namespace northpole::schedule
