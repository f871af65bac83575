// What one event of each operation does to the machine's state, as far as a proof needs it.
#include <fmt/format.h>

#include <bit>

#include "verify/walk.h"

namespace northpole::verify {

using isa::operand_a;
using isa::operand_b;
using isa::operand_c;
using isa::operand_d;

void Walk::vmm_event(std::uint64_t cycle, const Thread& thread) {
  ++counts_.multiplies;
  const Actor& actor = thread.actor;
  const isa::MultiplyMode mode = isa::decode_multiply_mode(thread.immediate[0]);
  if (in_memory(cycle, actor, thread.operand[operand_a])) {
    memories_.read(cycle, actor, thread.operand[operand_a], thread.tensor[operand_a]);
  }
  const bool release = (thread.flags & isa::multiply_release) != 0 && thread.last_of(mode.release_mask);
  // Narrower weights make blocks of half or a quarter of the words.
  const auto narrower = static_cast<std::uint32_t>(std::countr_zero(unsigned{mode.activation_bits}) -
                                                   std::countr_zero(unsigned{mode.weight_bits}));
  weights_.use(cycle, actor, thread.operand[operand_b], narrower, release);
  const bool initialize = (thread.flags & isa::multiply_initialize) != 0 && thread.first_of(mode.initialize_mask);
  sums_.multiply(cycle, actor, thread.operand[operand_c], initialize);
}

void Walk::vector_event(std::uint64_t cycle, const Thread& thread) {
  if (thread.opcode == isa::Opcode::constants) {
    vectors_.constants(cycle, thread);
  } else {
    vectors_.vector(cycle, thread);
  }
}

void Walk::partial_sums_event(std::uint64_t cycle, const Thread& thread) {
  sums_.pass(cycle, thread.actor, thread.operand[operand_a], isa::decode_pass_mode(thread.immediate[0]));
}

void Walk::memory_event(std::uint64_t cycle, const Thread& thread) {
  switch (thread.opcode) {
    case isa::Opcode::send_weights:
      return send_weights(cycle, thread);
    case isa::Opcode::send_program:
      return send_program(cycle, thread);
    case isa::Opcode::copy:
      return copy(cycle, thread);
    default:
      return parameters(cycle, thread);
  }
}

void Walk::send_weights(std::uint64_t cycle, const Thread& thread) {
  const Actor& actor = thread.actor;
  const isa::LaneRange range = isa::decode_lane_range(thread.flags);
  const bool routed = on_route(cycle, thread, model_network_);
  for (std::uint32_t j = 0; j < range.count; ++j) {
    const std::uint32_t address = thread.operand[operand_a] + j * chip_.bank_words;
    if (!in_memory(cycle, actor, address)) return;
    memories_.read(cycle, actor, address, thread.tensor[operand_a]);
    if (routed)
      model_network_.send_from_core(cycle + 1, actor, thread.immediate[0], thread.immediate[1], range.first + j);
  }
}

void Walk::send_program(std::uint64_t cycle, const Thread& thread) {
  const Actor& actor = thread.actor;
  const std::uint32_t address = thread.operand[operand_a];
  if (!in_memory(cycle, actor, address)) return;
  memories_.read(cycle, actor, address, thread.tensor[operand_a]);
  const isa::Word* word = memories_.image_word(actor.place, address);
  if (word == nullptr) {
    reporter_.report(FaultKind::malformed, cycle, actor, fmt::format("word {}", address),
                     "an instruction word that is not in the memory image");
    return;
  }
  if (!on_route(cycle, thread, instruction_network_)) return;
  instruction_network_.send_from_core(cycle + 1, actor, thread.immediate[0], thread.immediate[1], 0, word);
}

void Walk::copy(std::uint64_t cycle, const Thread& thread) {
  const Actor& actor = thread.actor;
  if (!in_memory(cycle, actor, thread.operand[operand_a])) return;
  memories_.read(cycle, actor, thread.operand[operand_a], thread.tensor[operand_a]);
  if (!in_memory(cycle, actor, thread.operand[operand_b])) return;
  later_.write(cycle + 1, actor, thread.operand[operand_b], thread.tensor[operand_b]);
}

void Walk::parameters(std::uint64_t cycle, const Thread& thread) {
  const Actor& actor = thread.actor;
  const std::uint32_t address = thread.operand[operand_a], group = thread.operand[operand_b];
  if (!in_memory(cycle, actor, address)) return;
  memories_.read(cycle, actor, address, thread.tensor[operand_a]);
  const isa::Word* word = memories_.image_word(actor.place, address);
  if (word == nullptr) {
    reporter_.report(FaultKind::malformed, cycle, actor, fmt::format("word {}", address),
                     "parameters that are not in the memory image");
    return;
  }
  if ((std::uint64_t{group} + 1) * ProgramBuffers::group_size > chip_.parameters) {
    reporter_.report(FaultKind::address, cycle, actor, fmt::format("parameter group {}", group),
                     fmt::format("there are {} parameters", chip_.parameters));
    return;
  }
  programs_.write_parameters(cycle, actor, thread.half ^ 1u, group, *word);
}

void Walk::send_event(std::uint64_t cycle, const Thread& thread) {
  const Actor& actor = thread.actor;
  if (in_memory(cycle, actor, thread.operand[operand_a])) {
    memories_.read(cycle, actor, thread.operand[operand_a], thread.tensor[operand_a]);
  }
  if ((thread.flags & isa::send_west_edge) != 0) {
    activation_network_.send_to_edge(cycle + 1, actor);
  } else if (on_route(cycle, thread, activation_network_)) {
    activation_network_.send_from_core(cycle + 1, actor, thread.immediate[0], thread.immediate[1], 0);
  }
}

void Walk::receive_event(std::uint64_t cycle, const Thread& thread) {
  const Actor& actor = thread.actor;
  if (!activation_network_.take(cycle, actor.place, 0)) missing(cycle, actor, "activation network");
  if (in_memory(cycle, actor, thread.operand[operand_d])) {
    memories_.write(cycle, actor, thread.operand[operand_d], thread.tensor[operand_d]);
  }
}

void Walk::weights_event(std::uint64_t cycle, const Thread& thread) {
  const isa::LaneRange range = isa::decode_lane_range(thread.flags);
  for (std::uint32_t j = 0; j < range.count; ++j) {
    const std::uint32_t skew = thread.immediate[1] >> (8 * j) & 255;
    weights_.plan_take(cycle, skew, thread.actor, range.first + j, thread.operand[operand_b] + j);
  }
}

void Walk::programs_event(std::uint64_t cycle, const Thread& thread) {
  const Actor& actor = thread.actor;
  const isa::Word* word = nullptr;
  if (!instruction_network_.take(cycle, actor.place, 0, &word)) return missing(cycle, actor, "instruction network");
  const std::uint32_t index = thread.operand[operand_b];
  if (index >= chip_.program_words) {
    reporter_.report(FaultKind::address, cycle, actor, fmt::format("program word {}", index),
                     fmt::format("there are {} in a half", chip_.program_words));
    return;
  }
  programs_.write_word(cycle, actor, thread.half ^ 1u, index, *word);
}

void Walk::edge_send_event(std::uint64_t cycle, const Thread& thread) {
  const Actor& actor = thread.actor;
  if (in_frame(cycle, actor, thread.operand[operand_a])) {
    memories_.frame_read(cycle, actor, thread.operand[operand_a], thread.tensor[operand_a]);
  }
  if (on_route(cycle, thread, activation_network_)) {
    activation_network_.send_from_edge(cycle + 1, actor, thread.immediate[0], thread.immediate[1]);
  }
}

void Walk::edge_receive_event(std::uint64_t cycle, const Thread& thread) {
  const Actor& actor = thread.actor;
  if (!activation_network_.take_at_edge(cycle, actor.place)) missing(cycle, actor, "activation network");
  if (in_frame(cycle, actor, thread.operand[operand_d])) {
    memories_.frame_write(cycle, actor, thread.operand[operand_d], thread.tensor[operand_d]);
  }
}

bool Walk::in_memory(std::uint64_t cycle, const Actor& actor, std::uint32_t address) {
  if (memories_.in_range(address)) return true;
  reporter_.report(FaultKind::address, cycle, actor, fmt::format("word {}", address),
                   fmt::format("the memory has {} words", chip_.memory_words()));
  return false;
}

bool Walk::in_frame(std::uint64_t cycle, const Actor& actor, std::uint32_t address) {
  if (memories_.frame_in_range(address)) return true;
  reporter_.report(FaultKind::address, cycle, actor, fmt::format("frame word {}", address),
                   fmt::format("a row of the frame buffer has {} words", chip_.frame_words_per_row));
  return false;
}

bool Walk::on_route(std::uint64_t cycle, const Thread& thread, const WordNetwork& network) {
  if (network.route_in_array(thread.immediate[0], thread.immediate[1])) return true;
  reporter_.report(FaultKind::route, cycle, thread.actor,
                   fmt::format("columns {:#x}, rows {:#x}", thread.immediate[0], thread.immediate[1]),
                   "an empty destination or one outside the array");
  return false;
}

void Walk::missing(std::uint64_t cycle, const Actor& actor, const char* network) {
  reporter_.report(FaultKind::missing_word, cycle, actor, network, "no word is delivered in this cycle");
}

}  // namespace northpole::verify
