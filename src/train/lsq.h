// Learned step size quantization, exactly as published: Esser, McKinstry, Bablani, Appuswamy, Modha, "Learned step size
// quantization", ICLR 2020 (equations 1 to 3 and section 2.2).
#pragma once

#include <torch/types.h>

#include <cstdint>

namespace northpole::train {

// The codes that a value may take, relative to its zero point: -Qn to Qp in the paper.
struct CodeRange {
  std::int32_t lowest = 0, highest = 0;
  bool operator==(const CodeRange&) const = default;
};

// clamp(round(v / s), lowest, highest) * s, halves rounded to even. v: any shape; step: one positive number.
// Gradients: of v, the incoming one where lowest < v / s < highest, else 0; of s, the sum of the incoming one times
//   round(v / s) - v / s inside, lowest at or below lowest, highest at or above highest,
// times gradient_scale. The same whatever the number of threads.
torch::Tensor quantized(const torch::Tensor& v, const torch::Tensor& step, CodeRange range, double gradient_scale);

// 1 / sqrt(N Qp): N is the number of weights of a layer, or of features of one picture in an activation.
double step_gradient_scale(std::int64_t elements, std::int32_t highest);

// 2 mean(|v|) / sqrt(Qp).
double initial_step(double mean_magnitude, std::int32_t highest);

}  // namespace northpole::train
