// The activation, model and instruction networks: words on links (multicast along X, then Y) and words delivered.
// A ring holds what happens in the coming cycles; the walk clears each cycle's part behind it.
#pragma once

#include <bit>
#include <cstdint>
#include <string>

#include "verify/actor.h"
#include "verify/reporter.h"
#include "verify/verify.h"
#include "verify/zeroed_array.h"

namespace northpole::verify {

class WordNetwork {
 public:
  struct Shape {
    const char* name;
    std::uint32_t columns, rows, lanes;
    bool edges;     // joined to edge units along the west side
    bool payloads;  // words are program words, whose contents count
    isa::Thread receiver;
    std::uint32_t link_cycles = 1;  // that a word occupies a link; it is delivered with its last part
  };
  WordNetwork(const Shape& shape, Reporter& reporter, Counts& counts);

  // Masks name at least one column and row, all inside the array.
  bool route_in_array(std::uint32_t column_mask, std::uint32_t row_mask) const {
    return column_mask != 0 && row_mask != 0 && (std::uint64_t{column_mask} >> shape_.columns) == 0 &&
           (std::uint64_t{row_mask} >> shape_.rows) == 0;
  }
  // The word is at the router of the core in `router_cycle` (after the present one).
  void send_from_core(std::uint64_t router_cycle, const Actor& actor, std::uint32_t column_mask, std::uint32_t row_mask,
                      std::uint32_t lane, const isa::Word* payload = nullptr) {
    spread(router_cycle, actor, actor.place % shape_.columns, actor.place / shape_.columns, column_mask, row_mask, lane,
           payload);
  }
  void send_from_edge(std::uint64_t router_cycle, const Actor& actor, std::uint32_t column_mask,
                      std::uint32_t row_mask) {
    occupy(router_cycle, edge_link(actor.place), actor);
    spread(router_cycle + 1, actor, 0, actor.place, column_mask, row_mask, 0, nullptr);
  }
  void send_to_edge(std::uint64_t router_cycle, const Actor& actor);

  // Takes the word delivered to the place in this cycle; none: false.
  bool take(std::uint64_t cycle, std::uint32_t core, std::uint32_t lane, const isa::Word** payload = nullptr) {
    return take_at(cycle, std::size_t{core} * shape_.lanes + lane, payload);
  }
  bool take_at_edge(std::uint64_t cycle, std::uint32_t row) { return take_at(cycle, edge_port(row), nullptr); }

  // Reports words that nobody took and makes room.
  void finish_cycle(std::uint64_t cycle);
  // Words that are not delivered yet.
  std::uint64_t in_flight() const { return in_flight_; }
  void report_in_flight(std::uint64_t end_cycle);

 private:
  enum { north, east, south, west };
  std::size_t slot(std::uint64_t cycle) const { return cycle & (slots_ - 1); }

  std::size_t link(std::uint32_t column, std::uint32_t row, int direction, std::uint32_t lane) const {
    return ((std::size_t{row} * shape_.columns + column) * 4 + direction) * shape_.lanes + lane;
  }
  std::size_t edge_link(std::uint32_t row) const {
    return std::size_t{shape_.columns} * shape_.rows * 4 * shape_.lanes + row;
  }
  std::size_t edge_port(std::uint32_t row) const {
    return std::size_t{shape_.columns} * shape_.rows * shape_.lanes + row;
  }

  void occupy(std::uint64_t cycle, std::size_t link, const Actor& actor) {
    for (std::uint64_t part = cycle; part < cycle + shape_.link_cycles; ++part) {
      InstructionNumber& user = links_[slot(part) * links_a_slot_ + link];
      if (user != no_instruction) link_conflict(part, link, actor, user);
      user = actor.instruction;
    }
    ++counts_.link_words;
  }
  void deliver(std::uint64_t first_part, std::size_t port, const Actor& actor, const isa::Word* payload) {
    const std::uint64_t cycle = first_part + shape_.link_cycles - 1;
    const std::size_t at = slot(cycle) * ports_a_slot_ + port;
    if (ports_[at] != no_instruction) {
      port_conflict(cycle, port, actor, ports_[at]);
    } else {
      ++waiting_[slot(cycle)];
      ++in_flight_;
    }
    ports_[at] = actor.instruction;
    if (shape_.payloads) payloads_[at] = payload;
    ++counts_.deliveries;
  }
  bool take_at(std::uint64_t cycle, std::size_t port, const isa::Word** payload) {
    const std::size_t at = slot(cycle) * ports_a_slot_ + port;
    if (ports_[at] == no_instruction) return false;
    ports_[at] = no_instruction;
    if (payload != nullptr) *payload = payloads_[at];
    --waiting_[slot(cycle)];
    --in_flight_;
    return true;
  }
  void spread(std::uint64_t cycle, const Actor& actor, std::uint32_t column, std::uint32_t row,
              std::uint32_t column_mask, std::uint32_t row_mask, std::uint32_t lane, const isa::Word* payload);
  void spread_column(std::uint64_t cycle, const Actor& actor, std::uint32_t column, std::uint32_t row,
                     std::uint32_t row_mask, std::uint32_t lane, const isa::Word* payload);

  std::string port_text(std::size_t port) const;
  Actor receiver(std::size_t port) const;
  [[gnu::cold, gnu::noinline]] void link_conflict(std::uint64_t cycle, std::size_t link, const Actor& actor,
                                                  InstructionNumber first);
  [[gnu::cold, gnu::noinline]] void port_conflict(std::uint64_t cycle, std::size_t port, const Actor& actor,
                                                  InstructionNumber first);

  const Shape shape_;
  Reporter& reporter_;
  Counts& counts_;
  // A word is at its last router, and delivered, at most two cycles, a hop for each column and row and its other parts
  // after it was sent. No more slots than needed (a power of two), as all of them go through the caches.
  std::uint64_t slots_;
  std::size_t links_a_slot_, ports_a_slot_;
  ZeroedArray<InstructionNumber> links_;  // who occupies the link in the slot's cycle
  ZeroedArray<InstructionNumber> ports_;  // who sent the word that is delivered in the slot's cycle
  ZeroedArray<const isa::Word*> payloads_;
  ZeroedArray<std::uint32_t> waiting_;  // by slot: words delivered and not yet taken
  std::uint64_t in_flight_ = 0;
};

}  // namespace northpole::verify
