// A program builder whose cores have something in their memory images to compute with.
#pragma once

#include "isa/vector_function.h"
#include "support/program_builder.h"

namespace northpole::tests {

class FurnishedBuilder : public ProgramBuilder {
 public:
  explicit FurnishedBuilder(const chip::ChipDescription& chip = small_chip());

  // Image words of every core, all of them with tag `image_tensor`; bank k begins at 256 k.
  static constexpr std::uint16_t weights = 0;        // 8 words in each bank: a block, four words a step
  static constexpr std::uint16_t activations = 16;   // 16 words in each bank
  static constexpr std::uint16_t constants_at = 32;  // 32 words in bank 0, for all constant registers
  static constexpr std::uint16_t bank = 256;
  static constexpr std::uint16_t free = 64;  // the first free word of each bank

  // Constant registers after `load_constants`: functions, then 12 words of bias, scale and constant operand.
  static constexpr std::uint8_t sum_function = 0, memory_function = 2, add_function = 4, maximum_function = 6,
                                add_constant_function = 8;
  static constexpr std::uint16_t constant_operands = 16;

  // 32 cycles from `start`: all constant registers.
  void load_constants(std::uint64_t start, std::uint32_t core);
  // Weight block `block` of the core, by itself: multiply may use it from start + 9 on.
  void load_weights(std::uint64_t start, std::uint32_t core, std::uint16_t block);
  // The core's masks as a destination.
  std::uint32_t column_mask(std::uint32_t core) const { return 1u << core % columns_; }
  std::uint32_t row_mask(std::uint32_t core) const { return 1u << core / columns_; }

 private:
  std::uint32_t columns_;
};

}  // namespace northpole::tests
