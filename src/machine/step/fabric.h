// A network of one-word lanes between the routers: the activation, model and instruction networks are one each.
//
// A word's whole way is known when it is sent, so nothing moves from router to router here: the links that it will
// occupy and the ports where it will be delivered are booked at once, each in the cycle in which the word is there.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "isa/instruction.h"
#include "machine/step/route.h"

namespace northpole::machine::step {

class Fabric {
 public:
  // words_at_once: how many words may be sent in one cycle, all over the chip.
  // link_cycles: that a word occupies a link.
  Fabric(const chip::ChipDescription& chip, std::uint32_t lanes, std::uint32_t words_at_once,
         std::uint32_t link_cycles);

  // Whose use of a link or port collides with an earlier booking, and when. `cycle` is 0 when there is none.
  struct Collision {
    std::uint64_t cycle = 0;
    bool is_port = false;
    std::uint32_t index = 0;
    std::uint32_t lane = 0;
  };

  // Space for `count` words sent in cycle `now`; fill it before they can be taken.
  isa::Word* allocate(std::uint64_t now, std::uint32_t count, std::uint32_t& handle) {
    Cycle& cycle = cycles_[now & mask_];
    if (cycle.words_sent_in != now) {
      cycle.words_sent_in = now;
      cycle.words_used = 0;
    }
    handle = static_cast<std::uint32_t>(now & mask_) * words_at_once_ + cycle.words_used + 1;
    cycle.words_used += count;
    return &words_[handle - 1];
  }

  // Books the way of words handle .. handle + count - 1 on lanes first .. first + count - 1. Returns the earliest
  // collision.
  Collision send(std::uint64_t now, const Route& route, std::uint32_t handle, std::uint32_t first, std::uint32_t count);

  // Takes the word delivered to the port in this cycle; null when there is none.
  const isa::Word* take(std::uint64_t now, std::uint32_t port, std::uint32_t lane) {
    std::uint32_t& handle = delivered_[((now & mask_) * ports_ + port) * lanes_ + lane];
    if (handle == 0) return nullptr;
    const isa::Word* word = &words_[handle - 1];
    handle = 0;
    --cycles_[now & mask_].outstanding;
    return word;
  }

  std::uint32_t link_cycles() const { return link_cycles_; }
  // Words delivered in this cycle and not taken.
  std::uint32_t outstanding(std::uint64_t now) const { return cycles_[now & mask_].outstanding; }
  // One of them; port and lane.
  std::pair<std::uint32_t, std::uint32_t> lost(std::uint64_t now) const;
  // Words still on their way anywhere.
  std::uint64_t in_flight() const;

  std::uint64_t words_sent = 0;
  std::uint64_t hops = 0;
  std::uint64_t deliveries = 0;

 private:
  struct Cycle {
    std::uint64_t links_used_in = ~std::uint64_t{0};
    std::uint64_t words_sent_in = ~std::uint64_t{0};
    std::uint32_t words_used = 0;
    std::uint32_t outstanding = 0;
  };

  std::uint32_t lanes_, ports_, links_, words_at_once_, link_cycles_;
  std::uint64_t mask_;  // the ring of cycles is longer than the longest way
  std::vector<Cycle> cycles_;
  std::vector<std::uint8_t> link_lanes_;  // [cycle][link]: the lanes in use
  std::vector<std::uint32_t> delivered_;  // [cycle][port][lane]: handle of the word, 0 is none
  std::vector<isa::Word> words_;          // [sending cycle][number]
};

}  // namespace northpole::machine::step
