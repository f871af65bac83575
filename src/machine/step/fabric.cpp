#include "machine/step/fabric.h"

#include <algorithm>
#include <bit>

namespace northpole::machine::step {

Fabric::Fabric(const chip::ChipDescription& chip, std::uint32_t lanes, std::uint32_t words_at_once,
               std::uint32_t link_cycles)
    : lanes_(lanes),
      ports_(chip.cores() + chip.rows),
      links_(chip.cores() * 4 + chip.rows),
      words_at_once_(words_at_once),
      link_cycles_(link_cycles) {
  const std::size_t ring = std::bit_ceil(std::size_t{chip.rows} + chip.columns + 3 + link_cycles);
  mask_ = ring - 1;
  cycles_.resize(ring);
  link_lanes_.resize(ring * links_);
  delivered_.resize(ring * ports_ * lanes_);
  words_.resize(ring * words_at_once_);
}

Fabric::Collision Fabric::send(std::uint64_t now, const Route& route, std::uint32_t handle, std::uint32_t first,
                               std::uint32_t count) {
  Collision collision;
  const auto collide = [&](std::uint64_t cycle, bool is_port, std::uint32_t index, std::uint32_t lane) {
    if (collision.cycle == 0 || cycle < collision.cycle) collision = {cycle, is_port, index, lane};
  };
  const auto used = static_cast<std::uint8_t>(((1u << count) - 1) << first);
  for (const Route::Step& step : route.links)
    for (std::uint64_t cycle = now + step.delay; cycle < now + step.delay + link_cycles_; ++cycle) {
      Cycle& slot = cycles_[cycle & mask_];
      std::uint8_t* links = &link_lanes_[(cycle & mask_) * links_];
      if (slot.links_used_in != cycle) [[unlikely]] {
        slot.links_used_in = cycle;
        std::fill_n(links, links_, std::uint8_t{0});
      }
      const std::uint8_t both = links[step.index] & used;
      if (both) [[unlikely]]
        collide(cycle, false, step.index, static_cast<std::uint32_t>(std::countr_zero(both)));
      links[step.index] |= used;
    }
  for (const Route::Step& step : route.ports) {
    const std::uint64_t slot = (now + step.delay) & mask_;
    std::uint32_t* port = &delivered_[(slot * ports_ + step.index) * lanes_ + first];
    for (std::uint32_t j = 0; j < count; ++j) {
      if (port[j] != 0) [[unlikely]]
        collide(now + step.delay, true, step.index, first + j);
      port[j] = handle + j;
    }
    cycles_[slot].outstanding += count;
  }
  words_sent += count;
  hops += route.links.size() * count;
  deliveries += route.ports.size() * count;
  return collision;
}

std::pair<std::uint32_t, std::uint32_t> Fabric::lost(std::uint64_t now) const {
  const std::uint32_t* slot = &delivered_[(now & mask_) * ports_ * lanes_];
  const auto index = static_cast<std::uint32_t>(
      std::find_if(slot, slot + ports_ * lanes_, [](std::uint32_t handle) { return handle != 0; }) - slot);
  return {index / lanes_, index % lanes_};
}

std::uint64_t Fabric::in_flight() const {
  std::uint64_t words = 0;
  for (const Cycle& cycle : cycles_) words += cycle.outstanding;
  return words;
}

}  // namespace northpole::machine::step
