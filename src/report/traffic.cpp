#include "report/traffic.h"

namespace northpole::report {
namespace {

using machine::step::Compass;
using machine::step::Route;

std::optional<Compass> compass_of(isa::Direction direction) {
  switch (direction) {
    case isa::Direction::north:
      return machine::step::north;
    case isa::Direction::east:
      return machine::step::east;
    case isa::Direction::south:
      return machine::step::south;
    case isa::Direction::west:
      return machine::step::west;
    default:
      return std::nullopt;
  }
}

}  // namespace

std::optional<Sending> sending_of(const isa::Instruction& instruction, const chip::ChipDescription& chip) {
  switch (instruction.opcode) {
    case isa::Opcode::send:
      return Sending{Network::activations, 1, chip.word_link_cycles};
    case isa::Opcode::send_weights:
      return Sending{Network::model, isa::decode_lane_range(instruction.flags).count, 1};
    case isa::Opcode::send_program:
      return Sending{Network::instructions, 1, chip.word_link_cycles};
    case isa::Opcode::pass:
      if (isa::decode_pass_mode(instruction.immediate[0]).out == isa::Direction::none) return std::nullopt;
      return Sending{Network::partial_sums, 1, chip.partial_sum_link_cycles};
    default:
      return std::nullopt;
  }
}

std::uint64_t accesses_of(const PlacedInstruction& placed) {
  const isa::Instruction& instruction = placed.instruction;
  switch (instruction.opcode) {
    case isa::Opcode::multiply:
    case isa::Opcode::send:
    case isa::Opcode::send_program:
    case isa::Opcode::parameters:
    case isa::Opcode::constants:
    case isa::Opcode::receive:
      return placed.events;
    case isa::Opcode::send_weights:
      return placed.events * isa::decode_lane_range(instruction.flags).count;
    case isa::Opcode::copy:
      return 2 * placed.events;
    case isa::Opcode::vector: {
      std::uint64_t windows = placed.events;
      const std::uint8_t mask = isa::decode_vector_mode(instruction.immediate[0]).last_mask;
      for (std::size_t i = 0; i < instruction.loops.size(); ++i)
        if ((mask >> i & 1) != 0) windows /= instruction.loops[i].count;
      const std::uint64_t reads = instruction.tensor[isa::operand_a] != 0 ? placed.events : 0,
                          seconds = instruction.tensor[isa::operand_b] != 0 ? windows : 0;
      return reads + seconds + windows;
    }
    default:
      return 0;
  }
}

const std::vector<Route::Step>& Routes::links(bool edge, std::uint32_t place, const isa::Instruction& instruction) {
  const bool passes = instruction.opcode == isa::Opcode::pass;
  const bool west = instruction.opcode == isa::Opcode::send && (instruction.flags & isa::send_west_edge) != 0;
  const auto [found, is_new] = known_.try_emplace({edge, place, instruction.immediate[0], instruction.immediate[1],
                                                   passes ? 2U
                                                   : west ? 1U
                                                          : 0U});
  Route& route = found->second;
  if (!is_new) return route.links;
  const std::uint32_t row = edge ? place : place / chip_.columns, column = edge ? 0 : place % chip_.columns;
  if (passes) {
    if (const auto out = compass_of(isa::decode_pass_mode(instruction.immediate[0]).out))
      route.links.push_back({static_cast<std::uint16_t>(place * 4 + *out), 1});
  } else if (west) {
    route.to_west_edge(chip_, row, column);
  } else {
    route.to_cores(chip_, edge, row, column, instruction.immediate[0], instruction.immediate[1],
                   1);  // only links are asked for
  }
  return route.links;
}

}  // namespace northpole::report
