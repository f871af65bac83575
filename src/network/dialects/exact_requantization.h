// Constants of a linear layer that make exactly the codes that a definition wants of each sum.
//
// The law of docs/numerics.md gives an output channel the codes clamp(rne(f32(f32(f32(sum + B) M) + O))), with an
// integer B or a float O. A definition - scales, biases, batch normalisations and a quantizer, worked out in double
// precision - is some monotone function of the integer sum. Both are staircases: they are the same function if they
// climb to each code at the same sum. So the thresholds of the definition are found, by bisection, and M with B or O is
// searched for until the law has the same ones. What is found is proven for every sum that can occur; nothing is
// rounded away.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>

namespace northpole::network {

// What is wanted of one output channel.
struct WantedCodes {
  // The code less its zero point; never falls as the sum rises.
  std::function<std::int64_t(std::int64_t sum)> code;
  std::int64_t least_sum = 0, largest_sum = 0;  // that can occur
  std::int64_t lowest = 0, highest = 0;         // codes less zero point, to which the law is clamped
  double slope = 0, intercept = 0;              // code = about slope * sum + intercept, where to begin
  bool integers = true;                         // B may be tried
  float input_scale = 1, output_scale = 1;      // M is f32(f32(input_scale * weight_scale) / output_scale)
};

struct Requantization {
  float weight_scale = 1;
  std::int64_t bias = 0;  // B
  float real_bias = 0;    // b, of which O is f32(b / output_scale); one of the two is 0
};

// Nothing when no constants were found: then the wanted codes are no straight line of the sum.
std::optional<Requantization> find_requantization(const WantedCodes& wanted);

}  // namespace northpole::network
