// Instructions for hand-made programs, written as a person would say them.
#pragma once

#include "isa/instruction.h"
#include "isa/vector_function.h"

namespace northpole::tests {

struct MemoryOperand {
  std::uint16_t address = 0;
  std::uint16_t tensor = 1;
};

// Puts one more loop around the instruction, outside of those that it has.
isa::Instruction repeat(std::uint16_t count, std::uint32_t interval, std::array<std::int16_t, 4> stride,
                        isa::Instruction instruction);

isa::Instruction end();
isa::Instruction switch_program();
// A product of its own: starts the sum and uses the block up. Flags and mode can be changed afterwards.
isa::Instruction multiply(MemoryOperand activation, std::uint16_t block, std::uint16_t sum, bool initialize = true,
                          bool release = true);
isa::Instruction constants(MemoryOperand source, std::uint16_t constant_register);
// a partial sum or a memory word; constants from register c on; function at register f, f + 1.
isa::Instruction vector_of_sum(std::uint16_t sum, std::uint16_t c, std::uint8_t f, MemoryOperand output);
isa::Instruction vector_of_memory(MemoryOperand source, std::uint16_t c, std::uint8_t f, MemoryOperand output);
isa::Instruction copy(MemoryOperand source, MemoryOperand target);
isa::Instruction parameters(MemoryOperand source, std::uint16_t group);
isa::Instruction send(MemoryOperand source, std::uint32_t column_mask, std::uint32_t row_mask);
isa::Instruction send_west(MemoryOperand source);
isa::Instruction receive(MemoryOperand target);
isa::Instruction send_weights(MemoryOperand source, isa::LaneRange lanes, std::uint32_t column_mask,
                              std::uint32_t row_mask);
isa::Instruction receive_weights(std::uint16_t weight_word, isa::LaneRange lanes, std::uint32_t skews = 0);
isa::Instruction send_program(MemoryOperand source, std::uint32_t column_mask, std::uint32_t row_mask);
isa::Instruction receive_program(std::uint16_t word);
isa::Instruction pass(std::uint16_t sum, isa::PassMode mode);

}  // namespace northpole::tests
