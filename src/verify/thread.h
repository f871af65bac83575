// A thread in the middle of an instruction: resolved fields (parameters in place) and the loops' trips. Walking from
// event to event is adding a prepared step to cycle and operands, one for each loop that can be the one that goes on.
#pragma once

#include <array>
#include <cstdint>
#include <memory>

#include "isa/instruction.h"
#include "verify/actor.h"
#include "verify/program_buffers.h"

namespace northpole::verify {

struct Thread {
  Actor actor;
  std::uint8_t half = 0;
  bool ended = false;
  bool broken = false;  // the next event is the place of `problem`, found when the instruction was fetched
  Problem problem;

  std::shared_ptr<const Section> section;
  std::uint32_t next_instruction = 0;  // index in the section
  std::uint32_t segment = 0;           // programs that the thread has run before this one

  isa::Opcode opcode = isa::Opcode::end;
  std::uint8_t flags = 0;
  std::array<std::uint16_t, 4> operand{};
  std::array<std::uint16_t, 4> tensor{};
  std::array<std::uint32_t, 2> immediate{};

  struct Level {
    std::uint32_t trip = 0, count = 1;
    std::uint64_t cycles = 0;  // when this loop goes on to its next trip and the inner ones start again
    std::array<std::uint16_t, 4> stride{};
  };
  std::array<Level, isa::maximum_loops> level;
  std::uint8_t loops = 0;
  std::uint8_t at_first = 0, at_last = 0;  // bit i: loop i is at its first, last trip
  std::uint8_t single = 0;                 // bit i: loop i has one trip

  // Every loop of the mask is at its first (last) trip.
  bool first_of(std::uint8_t mask) const { return (at_first & mask) == mask; }
  bool last_of(std::uint8_t mask) const { return (at_last & mask) == mask; }

  // To the next event of the instruction: adds its distance to `cycle`; false after the last one.
  bool advance(std::uint64_t& cycle) {
    for (unsigned i = loops; i-- > 0;) {
      Level& one = level[i];
      const auto bit = static_cast<std::uint8_t>(1u << i);
      if (one.trip + 1 == one.count) {
        one.trip = 0;
        continue;
      }
      ++one.trip;
      const auto inner = static_cast<std::uint8_t>(~((1u << (i + 1)) - 1));
      at_first = static_cast<std::uint8_t>((at_first & ~bit) | inner);
      at_last = static_cast<std::uint8_t>((at_last & ~(inner | bit)) | (single & inner) |
                                          (one.trip + 1 == one.count ? bit : 0));
      cycle += one.cycles;
      for (std::size_t k = 0; k < 4; ++k) operand[k] = static_cast<std::uint16_t>(operand[k] + one.stride[k]);
      return true;
    }
    return false;
  }
};

// Puts the thread at its next instruction: reads parameters, checks loops and modes. Gives the delay; on a problem the
// thread is `broken`.
std::uint32_t resolve(Thread& thread, const ProgramBuffers& buffers, const chip::ChipDescription& chip);

}  // namespace northpole::verify
