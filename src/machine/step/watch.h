// Who did it: a fault names the instruction that used the resource before. Remembering the last user of everything
// would slow every run down, so a run that has stopped is run again with its one resource watched.
#pragma once

#include <cstdint>

#include "isa/instruction.h"

namespace northpole::machine::step {

enum class Network : std::uint8_t { activations, model, instructions };

// A thread's instruction at work. The instruction lives as long as anything delayed of it.
struct Actor {
  std::uint32_t thread = 0xffffffff;  // none
  std::uint32_t segment = 0;
  const isa::Instruction* instruction = nullptr;
};

struct Resource {
  enum class Type : std::uint8_t {
    none,
    bank,
    frame_bank,
    link,
    port,
    sum_link,
    word,
    frame_word,
    weight_word,
    partial_sum,
    program_word,
    parameter_group,
    constant,
  };
  Type type = Type::none;
  Network network = Network::activations;
  std::uint32_t unit = 0;   // core, row, or link or port number
  std::uint32_t index = 0;  // bank, lane, address, ...
  std::uint64_t cycle = 0;  // for what is used by the cycle

  bool operator==(const Resource&) const = default;
};

}  // namespace northpole::machine::step
