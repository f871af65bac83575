#include "machine/fast/term_orders.h"

#include <algorithm>
#include <numeric>

namespace northpole::machine::fast {
namespace {

// Positions in the order of what stands there; equal ones as they stand.
std::vector<std::uint32_t> sorted_positions(std::span<const std::uint32_t> sequence) {
  std::vector<std::uint32_t> positions(sequence.size());
  std::iota(positions.begin(), positions.end(), 0u);
  std::ranges::stable_sort(positions, {}, [&](std::uint32_t position) { return sequence[position]; });
  return positions;
}

}  // namespace

std::uint32_t TermOrders::ordered(std::span<const std::uint32_t> blocks, std::vector<std::uint32_t>& values,
                                  SequenceTable& lists) {
  const std::uint32_t number = seen_.number(blocks);
  if (number == orders_.size()) {
    Order& order = orders_.emplace_back();
    const auto positions = sorted_positions(blocks);
    scratch_.resize(blocks.size());
    for (std::size_t i = 0; i < blocks.size(); ++i) scratch_[i] = blocks[positions[i]];
    const std::uint32_t set = sets_.number(scratch_);
    if (set == first_.size()) {
      first_.push_back(number);
      order.list = lists.number(blocks);
    } else {
      const auto first_positions = sorted_positions(seen_[first_[set]]);
      order.list = orders_[first_[set]].list;
      order.sources.resize(blocks.size());
      for (std::size_t i = 0; i < blocks.size(); ++i) order.sources[first_positions[i]] = positions[i];
    }
  }
  const Order& order = orders_[number];
  if (!order.sources.empty()) {
    scratch_.resize(values.size());
    for (std::size_t i = 0; i < values.size(); ++i) scratch_[i] = values[order.sources[i]];
    values.swap(scratch_);
  }
  return order.list;
}

}  // namespace northpole::machine::fast
