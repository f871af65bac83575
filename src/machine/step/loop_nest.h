// Stepping through the events of an instruction: the next trip of the innermost loop that has one, by increments alone.
#pragma once

#include <array>
#include <cstdint>
#include <cstring>

#include "isa/instruction.h"

namespace northpole::machine::step {

// Four 16-bit operands that are added modulo 2^16, all at once.
using Operands = std::uint16_t __attribute__((vector_size(8)));

// Loops are kept innermost first here.
struct LoopNest {
  struct Level {
    std::uint64_t cycles = 0;  // from the last event of this loop's body in one trip to the first one of the next
    Operands operands{};       // added then
    std::uint16_t count = 1;
    std::uint16_t trip = 0;
  };
  std::uint8_t levels = 0;
  std::uint8_t at_first = 0;  // bit i: loop i (outermost is 0) is at its first trip
  std::uint8_t at_last = 0;   // ... at its last
  std::array<Level, isa::maximum_loops> level;

  // Moves on to the next event: false when this was the last one.
  bool advance(std::uint64_t& cycle, Operands& operands) {
    for (std::uint32_t i = 0; i < levels; ++i) {
      Level& loop = level[i];
      const auto bit = static_cast<std::uint8_t>(1u << (levels - 1 - i));
      if (++loop.trip < loop.count) {
        cycle += loop.cycles;
        operands += loop.operands;
        at_first &= static_cast<std::uint8_t>(~bit);
        if (loop.trip + 1 == loop.count) at_last |= bit;
        return true;
      }
      loop.trip = 0;
      at_first |= bit;
      if (loop.count > 1) at_last &= static_cast<std::uint8_t>(~bit);
    }
    return false;
  }
};

}  // namespace northpole::machine::step
