#include "reference/half.h"

#include <algorithm>

namespace northpole::reference {

float round_to_half_from_double(double value) {
  if (std::isnan(value)) return static_cast<float>(value);
  const double magnitude = std::fabs(value);
  if (magnitude >= 65520.0) return static_cast<float>(std::copysign(INFINITY, value));
  int exponent = 0;
  std::frexp(magnitude, &exponent);  // magnitude in [2^(exponent - 1), 2^exponent)
  const int quantum = std::max(exponent - 11, -24);
  // Scaling by a power of two is exact, so nearbyint (to nearest, ties to even) is the only rounding.
  return static_cast<float>(std::ldexp(std::nearbyint(std::ldexp(value, -quantum)), quantum));
}

}  // namespace northpole::reference
