#include "train/lsq_kernel.h"

#include <algorithm>

// Compiled for several processors; the one at hand is chosen when the program starts. The operations and their order
// are the same in each, so the results are, too.
#define EVERY_PROCESSOR __attribute__((target_clones("avx512f", "avx2", "default")))

namespace northpole::train {

namespace {

constexpr float rounder = 0x1.8p23F;  // adding and subtracting it rounds to the nearest integer, halves to even

}  // namespace

EVERY_PROCESSOR void quantize_values(const float* from, float* to, std::size_t size, float step, float lowest,
                                     float highest) {
  const float reciprocal = 1.0F / step;
  for (std::size_t i = 0; i < size; ++i) {
    float code = from[i] * reciprocal;
    code = code < lowest ? lowest : code;
    code = code > highest ? highest : code;
    to[i] = ((code + rounder) - rounder) * step;
  }
}

EVERY_PROCESSOR double quantize_gradients(const float* values, const float* incoming, float* to, std::size_t size,
                                          float step, float lowest, float highest) {
  const float reciprocal = 1.0F / step;
  // As many sums side by side as the widest vector holds.
  constexpr std::size_t lanes = 16;
  float sums[lanes] = {};
  const auto one = [&](std::size_t i, float& sum) __attribute__((always_inline)) {
    const float ratio = values[i] * reciprocal, gradient = incoming[i];
    float clamped = ratio < lowest ? lowest : ratio;
    clamped = clamped > highest ? highest : clamped;
    const bool inside = ratio > lowest && ratio < highest;
    const float rounded = (clamped + rounder) - rounder;
    to[i] = inside ? gradient : 0.0F;
    sum += gradient * (inside ? rounded - ratio : clamped);
  };
  std::size_t i = 0;
  for (; i + lanes <= size; i += lanes) {
    for (std::size_t lane = 0; lane < lanes; ++lane) one(i + lane, sums[lane]);
  }
  for (; i < size; ++i) one(i, sums[i % lanes]);
  double sum = 0;
  for (const float part : sums) sum += static_cast<double>(part);
  return sum;
}

}  // namespace northpole::train
