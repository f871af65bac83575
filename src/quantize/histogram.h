// How the values of an activation are distributed over the calibration pictures.
#pragma once

#include <cstdint>
#include <limits>
#include <vector>

namespace northpole::quantize {

// Bins of one power-of-two width over a range about zero that doubles when a value falls outside. Bins of the finer
// width nest in those of the coarser, so the counts depend on the values alone, not on their order: pictures may be
// counted in any order, by any number of threads.
class Histogram {
 public:
  static constexpr std::int64_t half = 8192;  // bins on each side of zero

  Histogram() : counts_(2 * half) {}

  // Values must be finite.
  void add(const float* values, std::int64_t size);
  void add(const Histogram& other);

  bool empty() const { return smallest_ > largest_; }
  // Of the values themselves, not of bins.
  float smallest() const { return smallest_; }
  float largest() const { return largest_; }

  struct Bin {
    double centre;
    double count;
  };
  // The bins that are not empty, in ascending order.
  std::vector<Bin> bins() const;

  bool operator==(const Histogram&) const = default;

 private:
  void widen_to(int exponent);

  int exponent_ = -40;  // the width of a bin is 2^exponent
  float smallest_ = std::numeric_limits<float>::infinity();
  float largest_ = -std::numeric_limits<float>::infinity();
  std::vector<std::uint64_t> counts_;
};

}  // namespace northpole::quantize
