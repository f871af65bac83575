#include "schedule/holding_room.h"

#include <algorithm>

namespace northpole::schedule {

namespace {

void begin_with_first(Holding& holding) {
  holding.base = holding.segments[0].base;
  holding.buffer = holding.segments[0].buffer;
  for (const Segment& segment : holding.segments) holding.taken.push_back(segment.buffer);
  holding.held = true;
}

}  // namespace

void HoldingRoom::take(Holding& holding, const Banks& banks, Cycle wanted, Cycle price, const std::string& layer) {
  const std::uint32_t words = holding.lay_out();
  holding.buffer = buffers_.take(banks, std::max(words, 1U), wanted, price, layer);
  holding.base = holding.buffer.base;
  holding.taken = {holding.buffer};
  holding.held = true;
}

void HoldingRoom::take_halves(Holding& holding, const Banks& early, const std::function<Banks(std::uint32_t)>& late,
                              Cycle wanted, Cycle price, const std::string& layer) {
  const std::uint32_t words = holding.lay_out();
  const auto rows = static_cast<std::int32_t>(words / std::max(holding.pitch_y, 1U)),
             columns = static_cast<std::int32_t>(holding.pitch_y / std::max(holding.pitch_x, 1U));
  Banks banks = early;
  const Segment* first = nullptr;
  for (const bool second : {false, true}) {
    if (second && first != nullptr) banks = late(first->base / bank_words_);
    for (std::size_t s = 0; s < holding.segments.size(); ++s) {
      Segment& segment = holding.segments[s];
      if (segment.late != second) continue;
      const std::uint32_t count = holding.words_of(static_cast<std::int32_t>(s), rows, columns);
      segment.buffer = buffers_.take(banks, std::max(count, 1U), wanted, price, layer);
      segment.base = segment.buffer.base;
      if (first == nullptr) first = &segment;
    }
  }
  begin_with_first(holding);
}

void HoldingRoom::take_arriving(Holding& holding, const lower::Layer& layer, const map::PixelTiles& tiles,
                                const map::Cost& cost, std::uint32_t own_rows, Banks banks, Cycle price) {
  const std::uint32_t words = holding.lay_out(), rows = words / holding.pitch_y;
  // First row that pixel tiles before `tile` do not need.
  const auto needed_before = [&](std::int32_t tile) {
    if (tile >= tiles.down) return rows;
    return std::min(rows, static_cast<std::uint32_t>((tile * tiles.height - 1) * layer.stride_y +
                                                     (layer.window_height - 1) * layer.dilation_y + 1));
  };
  // The VMM's cycles for all products that do not need rows from `row` on.
  const auto work_before = [&](std::uint32_t row) {
    const std::int32_t last_tap = (layer.window_height - 1) * layer.dilation_y;
    const std::int32_t outputs = (static_cast<std::int32_t>(rows) - 1 - last_tap) / layer.stride_y + 1;
    Cycle products = 0;
    for (std::int32_t y = 0; y < outputs; ++y)
      for (std::int32_t tap = 0; tap < layer.window_height; ++tap)
        products += y * layer.stride_y + tap * layer.dilation_y < static_cast<std::int32_t>(row) ? 1 : 0;
    return products * cost.arithmetic / static_cast<Cycle>(std::max(1, outputs * layer.window_height));
  };
  const std::uint32_t own = std::max(1U, std::min(rows, own_rows));
  const auto arrived = [&](std::uint32_t row) { return cost.activations * std::min(row, own) / own; };
  const auto add = [&](std::uint32_t first, std::uint32_t end) {
    const Buffer buffer = buffers_.take(banks, (end - first) * holding.pitch_y, 0, price, layer.name);
    holding.segments.push_back({static_cast<std::int32_t>(first), buffer.base, buffer});
    const auto taken = std::find(banks.begin(), banks.end(), buffer.base / bank_words_);
    std::rotate(taken, taken + 1, banks.end());
  };
  std::uint32_t first = 0;
  const auto half = static_cast<std::uint32_t>((tiles.height - 1) * layer.stride_y +
                                               (layer.window_height / 2 - 1) * layer.dilation_y + 1);
  if (layer.window_height > 1 && half < needed_before(1)) {
    add(0, half);
    first = half;
  }
  const Cycle begin = arrived(needed_before(1));
  for (std::int32_t tile = 1; first < rows;) {
    const std::uint32_t end = needed_before(tile);
    add(first, end);
    first = end;
    // The VMM needs what comes now in pixel tile `tile`, counted from 0.
    const Cycle reached = begin + work_before(end);
    for (++tile; tile < tiles.down && arrived(needed_before(tile + 1)) <= reached;) ++tile;
  }
  begin_with_first(holding);
}

void HoldingRoom::give_back(Holding& holding) {
  if (!holding.held) return;
  holding.held = false;
  for (const Buffer& buffer : holding.taken) buffers_.release(buffer, holding.last_use + 1);
}

}  // namespace northpole::schedule
