#include "map/pace.h"

#include <algorithm>

namespace northpole::map {

namespace {

std::uint64_t rest(std::uint64_t of, std::uint64_t taken) { return of > taken ? of - taken : 0; }

}  // namespace

PaceModel::PaceModel(const chip::ChipDescription& chip, std::uint32_t group_rows, std::uint64_t weight_price)
    : in_place_(chip.vmm_latency + chip.vector_latency + 2),
      far_(in_place_ + (group_rows + chip.columns) / 2 + chip.word_link_cycles - 1),  // hops of a word in the middle
      most_weights_ahead_(std::uint64_t{chip.weight_blocks} * chip::block_words / chip.model_lanes),
      weight_price_(weight_price) {}

std::uint64_t PaceModel::gap(const Pace& before, const Step& step) const {
  // Of a recent transfer all but the last piece can travel once the first piece is there.
  const std::uint64_t last = (step.recent + before.pieces - 1) / before.pieces, early = step.recent - last;
  const std::uint64_t behind = before.computed - before.computed / before.pieces;
  const std::uint64_t late = std::max(rest(early, behind), rest(early + step.older, before.computed));
  const std::uint64_t tail = step.follows_far ? far_ + rest(last, before.tile_pixels)
                             : step.follows   ? in_place_
                                              : std::uint64_t{0};
  return late + rest(tail, step.first_pass * (before.pieces - 1) / before.pieces);
}

Pace PaceModel::after(const Pace& before, const Step& step) const {
  const std::uint64_t waiting = gap(before, step);
  const std::uint64_t ahead = std::min(most_weights_ahead_, before.weights_ahead + waiting);
  const Cost& c = step.cost;
  Pace result;
  result.computed = std::max({c.arithmetic + step.passes, c.partial_sums, c.vector - step.preloaded, c.memory,
                              step.during, rest(c.weights * weight_price_, ahead)});
  result.vector_idle = rest(result.computed, c.vector);
  // All but the last rows.
  if (step.overlaps) result.computed -= std::min(before.vector_idle, result.computed * 7 / 8);
  result.cycles = before.cycles + waiting + result.computed;
  result.weights_ahead = std::min(most_weights_ahead_, rest(ahead + result.computed, c.weights * weight_price_));
  result.pieces = step.pieces;
  result.tile_pixels = step.tile_pixels;
  return result;
}

}  // namespace northpole::map
