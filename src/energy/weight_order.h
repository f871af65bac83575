// Which layer's weights a core holds when: words of weights are used up in the order in which they arrive.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

namespace northpole::energy {

class WeightOrder {
 public:
  // `words` words of a layer's weights, the first of them in `cycle`.
  void arrive(std::uint64_t cycle, std::uint32_t layer, std::uint64_t words) {
    arrivals_.push_back({cycle, layer, words});
  }
  // When all have arrived, before anything else is asked.
  void sort() {
    std::stable_sort(arrivals_.begin(), arrivals_.end(),
                     [](const Arrival& left, const Arrival& right) { return left.cycle < right.cycle; });
    for (Arrival& arrival : arrivals_) arrival.left = arrival.words;
  }
  bool empty() const { return arrivals_.empty(); }

  // The layer whose weights are to be used next, `none` when all are used.
  std::uint32_t next(std::uint32_t none) {
    while (front_ < arrivals_.size() && arrivals_[front_].left == 0) ++front_;
    return front_ < arrivals_.size() ? arrivals_[front_].layer : none;
  }
  // Uses up words of a layer, the first that are left of it.
  void use(std::uint32_t layer, std::uint64_t words) {
    for (std::size_t i = front_; i < arrivals_.size() && words > 0; ++i) {
      if (arrivals_[i].layer != layer) continue;
      const std::uint64_t used = std::min(words, arrivals_[i].left);
      arrivals_[i].left -= used;
      words -= used;
    }
  }
  // The layer of the word that arrived last in or before `cycle`, by the first words of its instructions.
  std::uint32_t arriving(std::uint64_t cycle, std::uint32_t none) const {
    const auto after =
        std::upper_bound(arrivals_.begin(), arrivals_.end(), cycle,
                         [](std::uint64_t value, const Arrival& arrival) { return value < arrival.cycle; });
    return after == arrivals_.begin() ? none : std::prev(after)->layer;
  }

 private:
  struct Arrival {
    std::uint64_t cycle;
    std::uint32_t layer;
    std::uint64_t words;
    std::uint64_t left = 0;
  };
  std::vector<Arrival> arrivals_;
  std::size_t front_ = 0;
};

}  // namespace northpole::energy
