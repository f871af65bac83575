#include "reference/quantized_tensor.h"

#include <algorithm>

namespace northpole::reference {

void Target::narrow(const network::Node& clamp) {
  if (clamp.op == "Relu") {
    lowest = std::max(lowest, quantization.zero_point);
    highest = std::max(highest, lowest);
    return;
  }
  if (clamp.has("min")) lowest = std::max(lowest, quantized(clamp.real("min", 0), quantization));
  if (clamp.has("max")) highest = std::min(highest, quantized(clamp.real("max", 0), quantization));
}

std::int32_t quantized(float value, const Quantization& quantization) {
  return Target(quantization, Precision::fp32).code(value / quantization.scale);
}

}  // namespace northpole::reference
