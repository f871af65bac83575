#include "machine/block_product.h"

#include <gtest/gtest.h>

#include <array>
#include <cstring>
#include <random>

namespace northpole::machine {
namespace {

using Sums = std::array<std::int32_t, 32>;

struct Operands {
  std::array<std::uint8_t, 32> activation;
  std::array<std::int8_t, 1024> weights;
  Sums sums;
};

// Every kernel that this processor runs against the definition, in 32-bit two's complement.
void compare(const Operands& operands) {
  for (const BlockKernel& kernel : block_kernels()) {
    WeightBlock block;
    std::memcpy(block.weights, operands.weights.data(), 1024);
    kernel.prepare(block);
    for (const bool is_signed : {false, true}) {
      for (const bool initialize : {false, true}) {
        alignas(64) Sums got = operands.sums;
        kernel.product(operands.activation.data(), is_signed, block, initialize, got.data());
        for (std::size_t lane = 0; lane < 32; ++lane) {
          std::uint32_t expected = initialize ? 0 : static_cast<std::uint32_t>(operands.sums[lane]);
          for (std::size_t i = 0; i < 32; ++i) {
            const int a = is_signed ? static_cast<std::int8_t>(operands.activation[i]) : operands.activation[i];
            expected += static_cast<std::uint32_t>(a * operands.weights[lane * 32 + i]);
          }
          ASSERT_EQ(got[lane], static_cast<std::int32_t>(expected))
              << kernel.name << (is_signed ? " signed" : " unsigned") << ", lane " << lane;
        }
      }
    }
  }
}

TEST(BlockProduct, RandomBlocks) {
  std::mt19937 random(1);
  for (int trial = 0; trial < 500; ++trial) {
    Operands operands;
    for (auto& value : operands.activation) value = static_cast<std::uint8_t>(random());
    for (auto& value : operands.weights) value = static_cast<std::int8_t>(random());
    for (auto& value : operands.sums) value = static_cast<std::int32_t>(random());
    compare(operands);
  }
}

TEST(BlockProduct, RestoredAfterPreparing) {
  std::mt19937 random(2);
  WeightBlock block;
  for (auto& value : block.weights) value = static_cast<std::int8_t>(random());
  for (const BlockKernel& kernel : block_kernels()) {
    WeightBlock changed = block;
    kernel.prepare(changed);
    kernel.restore(changed);
    EXPECT_TRUE(std::equal(std::begin(block.weights), std::end(block.weights), changed.weights)) << kernel.name;
  }
}

// All values at the ends of their ranges: where a kernel that saturates in between would show.
TEST(BlockProduct, Extremes) {
  for (const int activation : {0, 127, 128, 255}) {
    for (const int weight : {-128, -1, 127}) {
      for (const std::int32_t sum : {0, INT32_MAX, INT32_MIN}) {
        Operands operands;
        operands.activation.fill(static_cast<std::uint8_t>(activation));
        operands.weights.fill(static_cast<std::int8_t>(weight));
        operands.sums.fill(sum);
        compare(operands);
      }
    }
  }
}

}  // namespace
}  // namespace northpole::machine
