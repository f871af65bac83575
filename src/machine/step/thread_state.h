// A thread between two events: where it is in its section, and the next event with all fields resolved.
#pragma once

#include <cstdint>
#include <memory>

#include "machine/step/loop_nest.h"
#include "machine/step/route.h"
#include "machine/step/section.h"

namespace northpole::machine::step {

struct ThreadState {
  // The next event.
  std::uint64_t cycle = 0;
  Operands operand{};
  isa::Opcode opcode = isa::Opcode::end;
  std::uint8_t flags = 0;
  bool ended = false;
  std::uint8_t half = 0;
  std::array<std::uint16_t, 4> tensor{};
  std::array<std::uint32_t, 2> immediate{};
  // By operation: masks of multiply and vector, lanes of the model network, function register, directions of pass.
  std::uint8_t first_mask = 0, last_mask = 0;
  std::uint8_t lane_first = 0, lane_count = 0;
  std::uint8_t function_register = 0;
  bool activation_signed = false;
  std::uint8_t activation_bits = 8, weight_bits = 8;
  isa::VectorParts parts;
  isa::PassMode pass;
  LoopNest loops;

  std::uint64_t previous_cycle = 0;  // of the thread's previous event
  bool has_previous = false;
  std::uint32_t index = 0;    // of the instruction in the section
  std::uint32_t segment = 0;  // how many programs ran before this one
  std::shared_ptr<const Section> section;
  const isa::Instruction* instruction = nullptr;  // section[index]
  Route route;                                    // of sends
};

}  // namespace northpole::machine::step
