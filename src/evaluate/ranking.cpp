#include "evaluate/ranking.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

namespace northpole::evaluate {

std::vector<Ranked> best_classes(const std::vector<float>& scores, std::size_t count) {
  const auto key = [&](int index) {
    const float score = scores[static_cast<std::size_t>(index)];
    return std::isnan(score) ? -std::numeric_limits<float>::infinity() : score;
  };
  std::vector<int> order(scores.size());
  std::iota(order.begin(), order.end(), 0);
  count = std::min(count, order.size());
  std::partial_sort(
      order.begin(), order.begin() + static_cast<std::ptrdiff_t>(count), order.end(),
      [&](int left, int right) { return key(left) != key(right) ? key(left) > key(right) : left < right; });
  std::vector<Ranked> best;
  for (std::size_t i = 0; i < count; ++i) best.push_back({order[i], scores[static_cast<std::size_t>(order[i])]});
  return best;
}

bool is_score_list(const network::Shape& shape) {
  return std::count_if(shape.begin(), shape.end(), [](std::int64_t dimension) { return dimension != 1; }) <= 1;
}

}  // namespace northpole::evaluate
