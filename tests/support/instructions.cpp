#include "support/instructions.h"

namespace northpole::tests {
namespace {

using isa::Instruction;
using isa::Opcode;

Instruction of(Opcode opcode, std::array<std::uint16_t, 4> operand = {}, std::array<std::uint16_t, 4> tensor = {},
               std::array<std::uint32_t, 2> immediate = {}, std::uint8_t flags = 0) {
  Instruction instruction;
  instruction.opcode = opcode;
  instruction.flags = flags;
  instruction.operand = operand;
  instruction.tensor = tensor;
  instruction.immediate = immediate;
  return instruction;
}

}  // namespace

Instruction repeat(std::uint16_t count, std::uint32_t interval, std::array<std::int16_t, 4> stride,
                   Instruction instruction) {
  instruction.loops.insert(instruction.loops.begin(), isa::Loop{count, interval, stride, 0});
  return instruction;
}

Instruction end() { return of(Opcode::end); }
Instruction switch_program() { return of(Opcode::switch_program); }

Instruction multiply(MemoryOperand activation, std::uint16_t block, std::uint16_t sum, bool initialize, bool release) {
  const auto flags =
      static_cast<std::uint8_t>((initialize ? isa::multiply_initialize : 0) | (release ? isa::multiply_release : 0));
  return of(Opcode::multiply, {activation.address, block, sum, 0}, {activation.tensor},
            {isa::encode(isa::MultiplyMode{}), 0}, flags);
}

Instruction constants(MemoryOperand source, std::uint16_t constant_register) {
  return of(Opcode::constants, {source.address, 0, constant_register, 0}, {source.tensor});
}

Instruction vector_of_sum(std::uint16_t sum, std::uint16_t c, std::uint8_t f, MemoryOperand output) {
  return of(Opcode::vector, {sum, 0, c, output.address}, {0, 0, 0, output.tensor},
            {isa::encode(isa::VectorMode{f, 0, 0}), 0});
}

Instruction vector_of_memory(MemoryOperand source, std::uint16_t c, std::uint8_t f, MemoryOperand output) {
  return of(Opcode::vector, {source.address, 0, c, output.address}, {source.tensor, 0, 0, output.tensor},
            {isa::encode(isa::VectorMode{f, 0, 0}), 0});
}

Instruction copy(MemoryOperand source, MemoryOperand target) {
  return of(Opcode::copy, {source.address, target.address}, {source.tensor, target.tensor});
}

Instruction parameters(MemoryOperand source, std::uint16_t group) {
  return of(Opcode::parameters, {source.address, group}, {source.tensor});
}

Instruction send(MemoryOperand source, std::uint32_t column_mask, std::uint32_t row_mask) {
  return of(Opcode::send, {source.address}, {source.tensor}, {column_mask, row_mask});
}

Instruction send_west(MemoryOperand source) {
  return of(Opcode::send, {source.address}, {source.tensor}, {0, 0}, isa::send_west_edge);
}

Instruction receive(MemoryOperand target) {
  return of(Opcode::receive, {0, 0, 0, target.address}, {0, 0, 0, target.tensor});
}

Instruction send_weights(MemoryOperand source, isa::LaneRange lanes, std::uint32_t column_mask,
                         std::uint32_t row_mask) {
  return of(Opcode::send_weights, {source.address}, {source.tensor}, {column_mask, row_mask}, isa::encode(lanes));
}

Instruction receive_weights(std::uint16_t weight_word, isa::LaneRange lanes, std::uint32_t skews) {
  return of(Opcode::receive_weights, {0, weight_word}, {}, {0, skews}, isa::encode(lanes));
}

Instruction send_program(MemoryOperand source, std::uint32_t column_mask, std::uint32_t row_mask) {
  return of(Opcode::send_program, {source.address}, {source.tensor}, {column_mask, row_mask});
}

Instruction receive_program(std::uint16_t word) { return of(Opcode::receive_program, {0, word}); }

Instruction pass(std::uint16_t sum, isa::PassMode mode) { return of(Opcode::pass, {sum}, {}, {isa::encode(mode), 0}); }

}  // namespace northpole::tests
