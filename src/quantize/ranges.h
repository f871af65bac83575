// From the distribution of an activation to its scale and zero point.
#pragma once

#include <string_view>

#include "quantize/histogram.h"
#include "reference/quantized_tensor.h"

namespace northpole::quantize {

enum class RangeMethod {
  mean_squared_error,  // the range that loses least, clipping against rounding
  percentile,          // a given share of the values on each side
  entropy,             // the range in which the codes tell most about the values (divergence.h)
  min_max,             // everything seen
};

// "mse", "percentile", "entropy", "minmax"; throws Error naming the known ones for anything else.
RangeMethod range_method(std::string_view name);

// bits: 8, 4 or 2. Unsigned with zero point 0 when the value can never be negative; otherwise signed, with zero point 0
// unless another one is clearly more accurate. The scale is positive and a normal half-precision number even when
// nothing but zeros was seen. kept_percent: of the values on each side, for RangeMethod::percentile.
reference::Quantization choose_quantization(const Histogram& histogram, bool never_negative, RangeMethod method,
                                            int bits = 8, double kept_percent = 99.99);

// The mean squared error that the quantization makes on the values seen.
double mean_squared_error(const Histogram& histogram, const reference::Quantization& quantization);

}  // namespace northpole::quantize
