#include "verify/word_network.h"

#include <fmt/format.h>

#include <algorithm>

namespace northpole::verify {

WordNetwork::WordNetwork(const Shape& shape, Reporter& reporter, Counts& counts)
    : shape_(shape),
      reporter_(reporter),
      counts_(counts),
      slots_(std::bit_ceil(shape.columns + shape.rows + 3u + shape.link_cycles)),
      links_a_slot_(std::size_t{shape.columns} * shape.rows * 4 * shape.lanes + (shape.edges ? shape.rows : 0)),
      ports_a_slot_(std::size_t{shape.columns} * shape.rows * shape.lanes + (shape.edges ? shape.rows : 0)),
      links_(slots_ * links_a_slot_),
      ports_(slots_ * ports_a_slot_),
      payloads_(shape.payloads ? slots_ * ports_a_slot_ : 0),
      waiting_(slots_) {}

void WordNetwork::spread(std::uint64_t cycle, const Actor& actor, std::uint32_t column, std::uint32_t row,
                         std::uint32_t column_mask, std::uint32_t row_mask, std::uint32_t lane,
                         const isa::Word* payload) {
  const auto first = static_cast<std::uint32_t>(std::countr_zero(column_mask));
  const auto last = 31u - static_cast<std::uint32_t>(std::countl_zero(column_mask));
  if ((column_mask >> column & 1) != 0) spread_column(cycle, actor, column, row, row_mask, lane, payload);
  std::uint64_t at = cycle;
  for (std::uint32_t x = column; x > first;) {
    occupy(at++, link(x--, row, west, lane), actor);
    if ((column_mask >> x & 1) != 0) spread_column(at, actor, x, row, row_mask, lane, payload);
  }
  at = cycle;
  for (std::uint32_t x = column; x < last;) {
    occupy(at++, link(x++, row, east, lane), actor);
    if ((column_mask >> x & 1) != 0) spread_column(at, actor, x, row, row_mask, lane, payload);
  }
}

void WordNetwork::spread_column(std::uint64_t cycle, const Actor& actor, std::uint32_t column, std::uint32_t row,
                                std::uint32_t row_mask, std::uint32_t lane, const isa::Word* payload) {
  const auto first = static_cast<std::uint32_t>(std::countr_zero(row_mask));
  const auto last = 31u - static_cast<std::uint32_t>(std::countl_zero(row_mask));
  const auto arrive = [&](std::uint64_t at, std::uint32_t y) {
    if ((row_mask >> y & 1) == 0) return;
    deliver(at, (std::size_t{y} * shape_.columns + column) * shape_.lanes + lane, actor, payload);
  };
  arrive(cycle, row);
  std::uint64_t at = cycle;
  for (std::uint32_t y = row; y > first;) {
    occupy(at++, link(column, y--, north, lane), actor);
    arrive(at, y);
  }
  at = cycle;
  for (std::uint32_t y = row; y < last;) {
    occupy(at++, link(column, y++, south, lane), actor);
    arrive(at, y);
  }
}

void WordNetwork::send_to_edge(std::uint64_t router_cycle, const Actor& actor) {
  const std::uint32_t row = actor.place / shape_.columns;
  std::uint64_t at = router_cycle;
  for (std::uint32_t x = actor.place % shape_.columns + 1; x-- > 0;) occupy(at++, link(x, row, west, 0), actor);
  deliver(at, edge_port(row), actor, nullptr);
}

void WordNetwork::finish_cycle(std::uint64_t cycle) {
  const std::size_t now = slot(cycle);
  if (waiting_[now] != 0) {
    for (std::size_t port = 0; port < ports_a_slot_; ++port) {
      InstructionNumber& sender = ports_[now * ports_a_slot_ + port];
      if (sender == no_instruction) continue;
      reporter_.report(FaultKind::lost_word, cycle, receiver(port), port_text(port),
                       "no event takes the word delivered in this cycle", sender);
      sender = no_instruction;
      --in_flight_;
    }
    waiting_[now] = 0;
  }
  std::fill_n(links_.begin() + now * links_a_slot_, links_a_slot_, no_instruction);
}

void WordNetwork::report_in_flight(std::uint64_t end_cycle) {
  if (in_flight_ == 0) return;
  for (std::uint64_t cycle = end_cycle; cycle < end_cycle + slots_; ++cycle) {
    for (std::size_t port = 0; port < ports_a_slot_; ++port) {
      const InstructionNumber sender = ports_[slot(cycle) * ports_a_slot_ + port];
      if (sender == no_instruction) continue;
      const Actor to = receiver(port);
      reporter_.report_state(
          FaultKind::left_behind, end_cycle, to.edge, to.place, port_text(port),
          fmt::format("a word is still in flight at the end of the run, it would arrive in cycle {}", cycle), sender);
      return;
    }
  }
}

Actor WordNetwork::receiver(std::size_t port) const {
  const std::size_t cores = std::size_t{shape_.columns} * shape_.rows;
  Actor actor;
  actor.edge = port >= cores * shape_.lanes;
  actor.place = static_cast<std::uint32_t>(actor.edge ? port - cores * shape_.lanes : port / shape_.lanes);
  actor.thread = shape_.receiver;
  return actor;
}

std::string WordNetwork::port_text(std::size_t port) const {
  std::string text = fmt::format("{} network", shape_.name);
  if (shape_.lanes > 1) text += fmt::format(" lane {}", port % shape_.lanes);
  return text;
}

void WordNetwork::link_conflict(std::uint64_t cycle, std::size_t link, const Actor& actor, InstructionNumber first) {
  constexpr const char* directions[] = {"north", "east", "south", "west"};
  const std::size_t cores = std::size_t{shape_.columns} * shape_.rows;
  std::string text;
  if (link >= cores * 4 * shape_.lanes) {
    text = fmt::format("{} network, link into row {}", shape_.name, link - cores * 4 * shape_.lanes);
  } else {
    const std::size_t router = link / shape_.lanes / 4;
    text = fmt::format("{} network, link {} of row {} column {}", shape_.name, directions[link / shape_.lanes % 4],
                       router / shape_.columns, router % shape_.columns);
    if (shape_.lanes > 1) text += fmt::format(" lane {}", link % shape_.lanes);
  }
  reporter_.report(FaultKind::link_conflict, cycle, actor, std::move(text), "two words in one cycle", first);
}

void WordNetwork::port_conflict(std::uint64_t cycle, std::size_t port, const Actor& actor, InstructionNumber first) {
  const Actor to = receiver(port);
  reporter_.report(FaultKind::port_conflict, cycle, actor, port_text(port),
                   fmt::format("two words delivered to {} {} in one cycle", to.edge ? "edge unit" : "core", to.place),
                   first);
}

}  // namespace northpole::verify
