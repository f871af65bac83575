#include "verify/partial_sums.h"

#include <fmt/format.h>

namespace northpole::verify {
namespace {

using isa::Direction;

constexpr std::size_t directions = 4;
std::size_t number(Direction direction) { return static_cast<std::size_t>(direction) - 1; }
Direction opposite(Direction direction) { return static_cast<Direction>((number(direction) + 2) % directions + 1); }

const char* text(Direction direction) {
  constexpr const char* names[] = {"north", "east", "south", "west"};
  return names[number(direction)];
}

}  // namespace

PartialSums::PartialSums(const chip::ChipDescription& chip, Reporter& reporter, Counts& counts)
    : chip_(chip),
      reporter_(reporter),
      counts_(counts),
      count_(chip.partial_sums),
      latency_(chip.vmm_latency),
      sums_(std::size_t{chip.cores()} * count_),
      links_(chip.cores() * directions),
      arrivals_(slots * chip.cores() * directions),
      waiting_(slots) {}

bool PartialSums::neighbour(std::uint32_t core, Direction direction, std::uint32_t& result) const {
  const std::uint32_t column = core % chip_.columns, row = core / chip_.columns;
  switch (direction) {
    case Direction::north:
      result = core - chip_.columns;
      return row > 0;
    case Direction::south:
      result = core + chip_.columns;
      return row + 1 < chip_.rows;
    case Direction::west:
      result = core - 1;
      return column > 0;
    case Direction::east:
      result = core + 1;
      return column + 1 < chip_.columns;
    case Direction::none:
      break;
  }
  return false;
}

void PartialSums::pass(std::uint64_t cycle, const Actor& actor, std::uint32_t index, const isa::PassMode& mode) {
  ++counts_.passes;
  Sum& sum = at(actor.place, index);
  if (mode.in != Direction::none) pass_in(cycle, actor, mode.in);
  if (mode.local) check_readable(cycle, actor, sum, index);
  if (mode.out != Direction::none) {
    pass_out(cycle, actor, mode.out);
    if (mode.local) sum.used = false;
    return;
  }
  if (!mode.local) {
    if (sum.used) report_use(FaultKind::overwritten, cycle, actor, sum, index, "the sum there is still in use");
    ++counts_.partial_sums;
    sum.owner = actor.instruction;
  }
  sum.used = true;
  sum.passed = cycle + 1;
}

void PartialSums::pass_in(std::uint64_t cycle, const Actor& actor, Direction direction) {
  std::uint32_t from = 0;
  if (!neighbour(actor.place, direction, from)) {
    reporter_.report(FaultKind::route, cycle, actor, "partial-sum network",
                     fmt::format("there is no core to the {}", text(direction)));
    return;
  }
  InstructionNumber& arrival =
      arrivals_[(cycle % slots * chip_.cores() + actor.place) * directions + number(direction)];
  if (arrival == no_instruction) {
    reporter_.report(FaultKind::missing_word, cycle, actor, "partial-sum network",
                     fmt::format("no vector arrives from the {} in this cycle", text(direction)));
    return;
  }
  arrival = no_instruction;
  --waiting_[cycle % slots];
  --in_flight_;
}

void PartialSums::pass_out(std::uint64_t cycle, const Actor& actor, Direction direction) {
  std::uint32_t to = 0;
  if (!neighbour(actor.place, direction, to)) {
    reporter_.report(FaultKind::route, cycle, actor, "partial-sum network",
                     fmt::format("there is no core to the {}", text(direction)));
    return;
  }
  Link& link = links_[std::size_t{actor.place} * directions + number(direction)];
  if (cycle + 1 < link.free) {
    reporter_.report(FaultKind::link_conflict, cycle + 1, actor,
                     fmt::format("partial-sum network, link {}", text(direction)),
                     "the vector before still occupies it", link.user);
  }
  link = {cycle + 1 + chip_.partial_sum_link_cycles, actor.instruction};
  const std::uint64_t arrival_cycle = link.free;
  InstructionNumber& arrival =
      arrivals_[(arrival_cycle % slots * chip_.cores() + to) * directions + number(opposite(direction))];
  arrival = actor.instruction;  // a link carries one vector at a time: nobody else's arrives in that cycle
  ++waiting_[arrival_cycle % slots];
  ++in_flight_;
}

void PartialSums::finish_cycle(std::uint64_t cycle) {
  if (waiting_[cycle % slots] == 0) return;
  const std::size_t base = cycle % slots * chip_.cores() * directions;
  for (std::size_t i = 0; i < chip_.cores() * directions; ++i) {
    if (arrivals_[base + i] == no_instruction) continue;
    Actor receiver;
    receiver.place = static_cast<std::uint32_t>(i / directions);
    receiver.thread = isa::Thread::partial_sums;
    reporter_.report(FaultKind::lost_word, cycle, receiver, "partial-sum network",
                     fmt::format("no event takes the vector that arrives from the {}",
                                 text(static_cast<Direction>(i % directions + 1))),
                     arrivals_[base + i]);
    arrivals_[base + i] = no_instruction;
    --in_flight_;
  }
  waiting_[cycle % slots] = 0;
}

void PartialSums::report_left_behind(std::uint64_t end_cycle) {
  for (std::size_t index = 0; index < sums_.size(); ++index) {
    if (!sums_[index].used) continue;
    reporter_.report_state(FaultKind::left_behind, end_cycle, false, static_cast<std::uint32_t>(index / count_),
                           fmt::format("partial sum {}", index % count_), "still in use at the end of the run",
                           sums_[index].owner);
    break;
  }
  for (std::size_t index = 0; in_flight_ != 0 && index < arrivals_.size(); ++index) {
    if (arrivals_[index] == no_instruction) continue;
    reporter_.report_state(FaultKind::left_behind, end_cycle, false,
                           static_cast<std::uint32_t>(index / directions % chip_.cores()), "partial-sum network",
                           "a vector is still in flight at the end of the run", arrivals_[index]);
  }
}

void PartialSums::report_use(FaultKind kind, std::uint64_t cycle, const Actor& actor, const Sum& sum,
                             std::uint32_t index, const char* message) {
  reporter_.report(kind, cycle, actor, fmt::format("partial sum {}", index % count_), message, sum.owner);
}

}  // namespace northpole::verify
