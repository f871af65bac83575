// Random numbers that depend on nothing but a seed and what they are drawn for, so that a run that was stopped goes on
// with the numbers that it would have drawn.
#pragma once

#include <cstdint>

namespace northpole::train {

// splitmix64 (Steele, Lea, Flood: "Fast splittable pseudorandom number generators", OOPSLA 2014).
class Random {
 public:
  Random(std::uint64_t seed, std::uint64_t epoch, std::uint64_t index) {
    for (const std::uint64_t part : {seed, epoch, index}) state_ = mixed(state_ + part * golden + golden);
  }

  std::uint64_t next() { return mixed(state_ += golden); }
  // 0 <= result < bound, bound at least 1.
  std::uint64_t below(std::uint64_t bound) { return next() % bound; }
  // 0 <= result < 1.
  double share() { return static_cast<double>(next() >> 11) * 0x1p-53; }
  // -reach <= result < reach.
  double within(double reach) { return (2 * share() - 1) * reach; }

 private:
  static constexpr std::uint64_t golden = 0x9E3779B97F4A7C15;

  static std::uint64_t mixed(std::uint64_t z) {
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
    return z ^ (z >> 31);
  }

  std::uint64_t state_ = 0;
};

}  // namespace northpole::train
