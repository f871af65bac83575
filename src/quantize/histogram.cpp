#include "quantize/histogram.h"

#include <algorithm>
#include <cmath>

namespace northpole::quantize {

void Histogram::widen_to(int exponent) {
  while (exponent_ < exponent) {
    std::vector<std::uint64_t> wider(2 * half);
    for (std::int64_t bin = -half; bin < half; ++bin) {
      // Shifting right rounds down, below zero too.
      wider[static_cast<std::size_t>((bin >> 1) + half)] += counts_[static_cast<std::size_t>(bin + half)];
    }
    counts_ = std::move(wider);
    ++exponent_;
  }
}

void Histogram::add(const float* values, std::int64_t size) {
  float smallest = smallest_, largest = largest_;
  for (std::int64_t i = 0; i < size; ++i) {
    smallest = values[i] < smallest ? values[i] : smallest;
    largest = values[i] > largest ? values[i] : largest;
  }
  smallest_ = smallest;
  largest_ = largest;
  if (empty()) return;
  int exponent = 0;
  std::frexp(std::max(std::fabs(smallest), std::fabs(largest)), &exponent);  // magnitudes < 2^exponent
  widen_to(exponent - 13);
  const double bins_per_unit = std::ldexp(1.0, -exponent_);
  for (std::int64_t i = 0; i < size; ++i) {
    // Truncation rounds towards zero; moving the range above zero makes that rounding down.
    const auto bin = static_cast<std::int64_t>(values[i] * bins_per_unit + static_cast<double>(half));
    ++counts_[static_cast<std::size_t>(std::min(bin, 2 * half - 1))];
  }
}

void Histogram::add(const Histogram& other) {
  if (other.empty()) return;
  Histogram same = other;
  widen_to(same.exponent_);
  same.widen_to(exponent_);
  for (std::size_t i = 0; i < counts_.size(); ++i) counts_[i] += same.counts_[i];
  smallest_ = std::min(smallest_, same.smallest_);
  largest_ = std::max(largest_, same.largest_);
}

std::vector<Histogram::Bin> Histogram::bins() const {
  std::vector<Bin> bins;
  for (std::int64_t bin = -half; bin < half; ++bin) {
    const std::uint64_t count = counts_[static_cast<std::size_t>(bin + half)];
    if (count == 0) continue;
    bins.push_back({std::ldexp(static_cast<double>(bin) + 0.5, exponent_), static_cast<double>(count)});
  }
  return bins;
}

}  // namespace northpole::quantize
