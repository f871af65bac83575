// Reading and writing single weights of the packed blocks (lower/layer.h, Weights).
#pragma once

#include <cstddef>
#include <cstdint>

#include "lower/layer.h"

namespace northpole::lower {

// Shape of one weight block, by the width of activations and weights.
struct WeightBlock {
  std::int32_t channels = 32;  // of the view's words
  std::int32_t bits = 8;       // of a weight
  std::int32_t bytes() const { return lanes * channels * bits / 8; }
};

inline std::int32_t get_weight(const std::int8_t* block, WeightBlock shape, std::int32_t lane, std::int32_t channel) {
  const auto bit = static_cast<std::size_t>((lane * shape.channels + channel) * shape.bits);
  const auto byte = static_cast<std::uint8_t>(block[bit / 8]);
  const std::uint32_t code = byte >> bit % 8 & ((1U << shape.bits) - 1U);
  const std::uint32_t sign = 1U << (shape.bits - 1);
  return static_cast<std::int32_t>(code ^ sign) - static_cast<std::int32_t>(sign);
}

// The weight must be 0 before.
inline void put_weight(std::int8_t* block, WeightBlock shape, std::int32_t lane, std::int32_t channel,
                       std::int32_t weight) {
  const auto bit = static_cast<std::size_t>((lane * shape.channels + channel) * shape.bits);
  const std::uint32_t code = static_cast<std::uint32_t>(weight) & ((1U << shape.bits) - 1U);
  block[bit / 8] = static_cast<std::int8_t>(static_cast<std::uint8_t>(block[bit / 8]) | code << bit % 8);
}

}  // namespace northpole::lower
