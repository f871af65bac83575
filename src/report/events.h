// The events of an instruction, one by one.
#pragma once

#include <array>
#include <cstdint>

#include "isa/instruction.h"

namespace northpole::report {

// Number of events, or 2^63 for more than that.
inline std::uint64_t event_count(const isa::Instruction& instruction) {
  std::uint64_t count = 1;
  for (const isa::Loop& loop : instruction.loops) {
    if (loop.count != 0 && count > (std::uint64_t{1} << 63) / loop.count) return std::uint64_t{1} << 63;
    count *= loop.count;
  }
  return count;
}

// Calls visit(cycle, operands) for each event of a resolved instruction whose first event is at `start`. Returns the
// cycle of the last one.
template <typename Visit>
std::uint64_t for_each_event(const isa::Instruction& instruction, std::uint64_t start, const Visit& visit) {
  std::array<std::uint32_t, isa::maximum_loops> trip{};
  const std::size_t depth = instruction.loops.size();
  std::uint64_t last = start;
  for (;;) {
    std::uint64_t cycle = start;
    std::array<std::uint16_t, 4> operands = instruction.operand;
    for (std::size_t level = 0; level < depth; ++level) {
      const isa::Loop& loop = instruction.loops[level];
      cycle += std::uint64_t{trip[level]} * loop.interval;
      for (std::size_t i = 0; i < operands.size(); ++i) {
        operands[i] =
            static_cast<std::uint16_t>(operands[i] + trip[level] * static_cast<std::uint16_t>(loop.stride[i]));
      }
    }
    visit(cycle, operands);
    last = cycle;
    std::size_t level = depth;
    while (level > 0 && ++trip[level - 1] >= instruction.loops[level - 1].count) trip[--level] = 0;
    if (level == 0) return last;
  }
}

}  // namespace northpole::report
