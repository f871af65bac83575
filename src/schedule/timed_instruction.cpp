#include "schedule/timed_instruction.h"

#include <algorithm>
#include <functional>
#include <optional>

namespace northpole::schedule {

using isa::Instruction;
using isa::Loop;
using isa::Opcode;

namespace {

// Applies a change of loop numbers to the masks that an instruction carries.
void renumber_masks(Instruction& instruction, const std::function<std::uint8_t(std::uint8_t)>& change) {
  if (instruction.opcode == Opcode::multiply) {
    auto mode = isa::decode_multiply_mode(instruction.immediate[0]);
    mode.initialize_mask = change(mode.initialize_mask);
    mode.release_mask = change(mode.release_mask);
    instruction.immediate[0] = isa::encode(mode);
  } else if (instruction.opcode == Opcode::vector) {
    auto mode = isa::decode_vector_mode(instruction.immediate[0]);
    mode.first_mask = change(mode.first_mask);
    mode.last_mask = change(mode.last_mask);
    instruction.immediate[0] = isa::encode(mode);
  }
}

// Which masks name loop i, as a small set.
int named_by(const Instruction& instruction, std::size_t loop) {
  const int bit = 1 << loop;
  if (instruction.opcode == Opcode::multiply) {
    const auto mode = isa::decode_multiply_mode(instruction.immediate[0]);
    return ((mode.initialize_mask & bit) ? 1 : 0) | ((mode.release_mask & bit) ? 2 : 0);
  }
  if (instruction.opcode == Opcode::vector) {
    const auto mode = isa::decode_vector_mode(instruction.immediate[0]);
    return ((mode.first_mask & bit) ? 1 : 0) | ((mode.last_mask & bit) ? 2 : 0);
  }
  return 0;
}

void remove_loop(Instruction& instruction, std::size_t index) {
  instruction.loops.erase(instruction.loops.begin() + static_cast<std::ptrdiff_t>(index));
  renumber_masks(instruction, [&](std::uint8_t mask) {
    const unsigned below = mask & ((1U << index) - 1), above = mask >> (index + 1);
    return static_cast<std::uint8_t>(below | above << index);
  });
}

// A window (reduction) needs its masks: its loops of one trip stay.
bool keeps_single_loops(const Instruction& instruction) {
  return instruction.opcode == Opcode::vector && isa::decode_vector_mode(instruction.immediate[0]).last_mask != 0;
}

// The loop that has the second instruction start one trip after the first, when they are otherwise alike.
std::optional<Loop> step_between(const TimedInstruction& first, const TimedInstruction& second) {
  const Instruction &a = first.instruction, &b = second.instruction;
  if (a.opcode != b.opcode || a.flags != b.flags || a.tensor != b.tensor || a.immediate != b.immediate ||
      a.loops != b.loops || a.parameter_mask != 0 || b.parameter_mask != 0)
    return std::nullopt;
  Loop loop;
  const std::uint64_t interval = second.start - first.start;
  if (interval > 0xffffffffU) return std::nullopt;
  loop.interval = static_cast<std::uint32_t>(interval);
  for (std::size_t i = 0; i < 4; ++i) {
    const std::int32_t stride = static_cast<std::int32_t>(b.operand[i]) - static_cast<std::int32_t>(a.operand[i]);
    if (stride < -32768 || stride > 32767) return std::nullopt;
    loop.stride[i] = static_cast<std::int16_t>(stride);
  }
  return loop;
}

}  // namespace

std::uint64_t span(const Instruction& instruction) {
  std::uint64_t result = 0;
  for (const Loop& loop : instruction.loops) result += std::uint64_t{loop.interval} * (loop.count - 1U);
  return result;
}

std::uint64_t TimedInstruction::last() const { return start + span(instruction); }

void simplify(Instruction& instruction) {
  auto& loops = instruction.loops;
  if (!keeps_single_loops(instruction))
    for (std::size_t i = loops.size(); i-- > 0;)
      if (loops[i].count == 1) remove_loop(instruction, i);
  for (std::size_t i = loops.size(); i-- > 1;) {
    Loop &outer = loops[i - 1], &inner = loops[i];
    bool one = std::uint64_t{outer.interval} == std::uint64_t{inner.interval} * inner.count &&
               std::uint32_t{outer.count} * inner.count <= 0xffff &&
               named_by(instruction, i - 1) == named_by(instruction, i);
    for (std::size_t k = 0; k < 4; ++k) one &= outer.stride[k] == inner.stride[k] * inner.count;
    if (!one) continue;
    outer.count = static_cast<std::uint16_t>(outer.count * inner.count);
    outer.interval = inner.interval;
    outer.stride = inner.stride;
    remove_loop(instruction, i);
  }
}

std::vector<TimedInstruction> rolled(std::vector<TimedInstruction> instructions) {
  for (;;) {
    std::vector<TimedInstruction> result;
    bool changed = false;
    for (std::size_t i = 0; i < instructions.size();) {
      std::size_t end = i + 1;
      std::optional<Loop> step;
      if (instructions[i].instruction.loops.size() < isa::maximum_loops && end < instructions.size()) {
        step = step_between(instructions[i], instructions[end]);
        if (step) {
          ++end;
          while (end < instructions.size() && end - i < 0xffff &&
                 step_between(instructions[end - 1], instructions[end]) == step)
            ++end;
        }
      }
      TimedInstruction joined = instructions[i];
      if (step) {
        step->count = static_cast<std::uint16_t>(end - i);
        joined.instruction.loops.insert(joined.instruction.loops.begin(), *step);
        renumber_masks(joined.instruction, [](std::uint8_t mask) { return static_cast<std::uint8_t>(mask << 1); });
        simplify(joined.instruction);
        changed = true;
      }
      result.push_back(std::move(joined));
      i = end;
    }
    instructions = std::move(result);
    if (!changed) return instructions;
  }
}

std::uint64_t first_idle(const std::vector<TimedInstruction>& instructions, std::uint64_t from, std::uint64_t length) {
  std::uint64_t start = from;
  for (const TimedInstruction& timed : instructions) {
    if (timed.start >= start + length) break;
    start = std::max(start, timed.last() + 1);
  }
  return start;
}

void insert_in_time(std::vector<TimedInstruction>& instructions, TimedInstruction timed) {
  const auto earlier = [](std::uint64_t cycle, const TimedInstruction& other) { return cycle < other.start; };
  instructions.insert(std::upper_bound(instructions.begin(), instructions.end(), timed.start, earlier),
                      std::move(timed));
}

std::size_t words_of(const std::vector<TimedInstruction>& instructions) {
  std::size_t words = 0;
  for (const auto& timed : instructions) words += isa::encoded_words(timed.instruction);
  return words;
}

}  // namespace northpole::schedule
