#include "quantize/divergence.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace northpole::quantize {
namespace {

using Bins = std::vector<Histogram::Bin>;

// The width of a bin: their centres are odd multiples of half of it, so the smallest difference tells, and with one bin
// its centre bounds it from above.
double width_of(const Bins& bins) {
  double width = std::numeric_limits<double>::infinity();
  for (std::size_t i = 1; i < bins.size(); ++i) width = std::min(width, bins[i].centre - bins[i - 1].centre);
  return width;
}

}  // namespace

double divergence(const Bins& bins, const reference::Quantization& quantization) {
  const double scale = quantization.scale;
  const double low = network::lowest_code(quantization.type) - quantization.zero_point;
  const double high = network::highest_code(quantization.type) - quantization.zero_point;
  const double zero_bin = width_of(bins);
  Bins inside;  // with their own counts
  double below = 0, above = 0;
  for (const auto& bin : bins) {
    if (bin.centre > 0 && bin.centre < zero_bin) continue;
    if (bin.centre < (low - 0.5) * scale)
      below += bin.count;
    else if (bin.centre > (high + 0.5) * scale)
      above += bin.count;
    else
      inside.push_back(bin);
  }
  double kept = 0;
  for (const auto& bin : inside) kept += bin.count;
  if (kept == 0) return below + above > 0 ? std::numeric_limits<double>::infinity() : 0;
  const double all = kept + below + above;

  double sum = 0;
  const auto code_of = [&](const Histogram::Bin& bin) { return std::nearbyint(bin.centre / scale); };
  for (std::size_t first = 0, end = 0; first < inside.size(); first = end) {
    double received = 0;
    while (end < inside.size() && code_of(inside[end]) == code_of(inside[first])) received += inside[end++].count;
    const double told = received / static_cast<double>(end - first) / kept;
    for (std::size_t i = first; i < end; ++i) {
      const double seen = (inside[i].count + (i == 0 ? below : 0) + (i + 1 == inside.size() ? above : 0)) / all;
      sum += seen * std::log(seen / told);
    }
  }
  return sum;
}

}  // namespace northpole::quantize
