// for_each_access() of traffic.h.
#pragma once

namespace northpole::report {

template <typename Visit>
void for_each_access(const PlacedInstruction& placed, const chip::ChipDescription& chip, const Visit& visit) {
  const isa::Instruction& instruction = placed.instruction;
  const auto& tensor = instruction.tensor;
  const auto each = [&](const auto& of_event) { for_each_event(instruction, placed.start, of_event); };
  switch (instruction.opcode) {
    case isa::Opcode::multiply:
    case isa::Opcode::send:
    case isa::Opcode::send_program:
    case isa::Opcode::parameters:
    case isa::Opcode::constants:
      return each([&](std::uint64_t cycle, const auto& operands) { visit(cycle, operands[0], tensor[0], false); });
    case isa::Opcode::send_weights:
      return each([&](std::uint64_t cycle, const auto& operands) {
        for (std::uint32_t j = 0; j < isa::decode_lane_range(instruction.flags).count; ++j)
          visit(cycle, operands[0] + j * chip.bank_words, tensor[0], false);
      });
    case isa::Opcode::receive:
      return each([&](std::uint64_t cycle, const auto& operands) { visit(cycle, operands[3], tensor[3], true); });
    case isa::Opcode::copy:
      return each([&](std::uint64_t cycle, const auto& operands) {
        visit(cycle, operands[0], tensor[0], false);
        visit(cycle + 1, operands[1], tensor[1], true);
      });
    case isa::Opcode::vector: {
      // Of a window (a reduction's events) only the last event has a second operand and writes. Tag 0 is no tensor:
      // then the operand is not in memory.
      const std::uint8_t mask = isa::decode_vector_mode(instruction.immediate[0]).last_mask;
      std::uint64_t event = 0;
      return each([&](std::uint64_t cycle, const auto& operands) {
        if (tensor[0] != 0) visit(cycle, operands[0], tensor[0], false);
        bool ends = true;
        std::uint64_t rest = event++;
        for (std::size_t i = instruction.loops.size(); i-- > 0; rest /= instruction.loops[i].count)
          if ((mask >> i & 1) != 0) ends = ends && rest % instruction.loops[i].count == instruction.loops[i].count - 1U;
        if (!ends) return;
        if (tensor[1] != 0) visit(cycle + 1, operands[1], tensor[1], false);
        visit(cycle + chip.vector_latency, operands[3], tensor[3], true);
      });
    }
    default:
      return;
  }
}

}  // namespace northpole::report
