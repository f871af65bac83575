#include "network/dialects/exact_requantization.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

namespace northpole::network {
namespace {

// A code is reached at this sum, and at none below it.
struct Threshold {
  std::int64_t code, sum;  // sum is largest_sum + 1 where it is never reached
};

class Search {
 public:
  explicit Search(const WantedCodes& wanted) : wanted_(wanted) {
    std::int64_t from = wanted.least_sum;
    for (std::int64_t code = wanted.lowest + 1; code <= wanted.highest; ++code) {
      from = first_sum_of(code, from);
      thresholds_.push_back({code, from});
    }
  }

  std::optional<Requantization> run() const {
    if (wanted_.integers)
      for (const float multiplier : multipliers())
        if (const auto scale = weight_scale(multiplier))
          if (const auto found = with_bias(multiplier, *scale)) return found;
    for (const float multiplier : multipliers())
      if (const auto scale = weight_scale(multiplier))
        if (const auto found = with_offset(multiplier, *scale)) return found;
    return std::nullopt;
  }

 private:
  std::int64_t first_sum_of(std::int64_t code, std::int64_t from) const {
    std::int64_t low = from, high = wanted_.largest_sum + 1;  // reached at high, or nowhere
    while (low < high) {
      const std::int64_t middle = low + (high - low) / 2;
      if (wanted_.code(middle) >= code)
        high = middle;
      else
        low = middle + 1;
    }
    return low;
  }

  // Where to look, the likeliest first: the slope itself, then ever further away from it. Several codes at one sum may
  // ask for a steeper line than any slope (a sign).
  std::vector<float> multipliers() const {
    const double reach = std::max(
        {std::abs(static_cast<double>(wanted_.least_sum)), std::abs(static_cast<double>(wanted_.largest_sum)), 1.0});
    const bool has_slope = wanted_.slope > 0 && std::isfinite(wanted_.slope);
    const double slope = has_slope ? wanted_.slope : 0.25 / reach;
    std::vector<float> result{static_cast<float>(slope)};
    for (double away = 0x1p-23; away < 1; away *= 2)
      for (const double direction : {1.0, -1.0})
        for (const double part : {1.0, 1.5})
          result.push_back(static_cast<float>(slope * (1 + direction * part * away)));
    // From the first threshold within reach to the last, where these say more than the scales do (a Sign).
    const auto within = [&](const Threshold& t) { return t.sum > wanted_.least_sum && t.sum <= wanted_.largest_sum; };
    const auto first = std::find_if(thresholds_.begin(), thresholds_.end(), within);
    const auto last = std::find_if(thresholds_.rbegin(), thresholds_.rend(), within);
    if (first != thresholds_.end() && last->sum > first->sum)
      result.push_back(static_cast<float>(static_cast<double>(last->code - first->code) /
                                          static_cast<double>(last->sum - first->sum)));
    for (std::size_t i = 1; i < thresholds_.size(); ++i)
      if (thresholds_[i].sum == thresholds_[i - 1].sum && thresholds_[i].sum > wanted_.least_sum &&
          thresholds_[i].sum <= wanted_.largest_sum) {
        result.push_back(static_cast<float>(4 * (wanted_.highest - wanted_.lowest)));
        break;
      }
    std::erase_if(result, [](float value) { return !(value > 0) || !std::isfinite(value); });
    return result;
  }

  // A scale of the weights that gives just this multiplier.
  std::optional<float> weight_scale(float multiplier) const {
    float scale = static_cast<float>(static_cast<double>(multiplier) * static_cast<double>(wanted_.output_scale) /
                                     static_cast<double>(wanted_.input_scale));
    constexpr float most = std::numeric_limits<float>::infinity();
    for (int i = 0; i < 4; ++i) scale = std::nextafter(scale, -most);
    for (int i = 0; i < 9; ++i, scale = std::nextafter(scale, most)) {
      const float product = wanted_.input_scale * scale;
      if (scale > 0 && std::isnormal(product) && product / wanted_.output_scale == multiplier) return scale;
    }
    return std::nullopt;
  }

  // The law's code; far out it is clamped anyway.
  double law(std::int64_t sum, std::int64_t bias, float multiplier, float offset) const {
    const float product = static_cast<float>(sum + bias) * multiplier;
    const float moved = product + offset;
    return std::nearbyint(static_cast<double>(moved));
  }

  bool same(std::int64_t bias, float multiplier, float offset) const {
    return std::all_of(thresholds_.begin(), thresholds_.end(), [&](const Threshold& threshold) {
      const auto code = static_cast<double>(threshold.code);
      return (threshold.sum > wanted_.largest_sum || law(threshold.sum, bias, multiplier, offset) >= code) &&
             (threshold.sum == wanted_.least_sum || law(threshold.sum - 1, bias, multiplier, offset) < code);
    });
  }

  // What may be added to multiplier * sum, in units of the code: between the two, for every threshold.
  struct Interval {
    double low = -std::numeric_limits<double>::infinity(), high = std::numeric_limits<double>::infinity();
  };
  Interval interval(float multiplier) const {
    Interval result;
    for (const Threshold& threshold : thresholds_) {
      const double line = static_cast<double>(threshold.code) - 0.5;
      if (threshold.sum <= wanted_.largest_sum)
        result.low = std::max(result.low, line - static_cast<double>(threshold.sum) * static_cast<double>(multiplier));
      if (threshold.sum > wanted_.least_sum)
        result.high =
            std::min(result.high, line - static_cast<double>(threshold.sum - 1) * static_cast<double>(multiplier));
    }
    return result;
  }

  std::optional<Requantization> with_bias(float multiplier, float scale) const {
    const Interval allowed = interval(multiplier);
    const double low = allowed.low / static_cast<double>(multiplier),
                 high = allowed.high / static_cast<double>(multiplier);
    if (low > high + 1) return std::nullopt;
    const double natural = std::clamp(wanted_.intercept / static_cast<double>(multiplier), std::max(low, -0x1p30),
                                      std::max(std::min(high, 0x1p30), std::max(low, -0x1p30)));
    if (!(std::abs(natural) < 0x1p30)) return std::nullopt;
    for (const double candidate : {std::nearbyint(natural), std::ceil(low), std::floor(high)}) {
      if (!(std::abs(candidate) < 0x1p30)) continue;
      const auto bias = static_cast<std::int64_t>(candidate);
      if (same(bias, multiplier, 0)) return Requantization{scale, bias, 0};
    }
    return std::nullopt;
  }

  std::optional<Requantization> with_offset(float multiplier, float scale) const {
    const Interval allowed = interval(multiplier);
    std::vector<double> candidates{wanted_.intercept};
    if (std::isfinite(allowed.low) && std::isfinite(allowed.high))
      candidates.push_back((allowed.low + allowed.high) / 2);
    else if (std::isfinite(allowed.low))
      candidates.push_back(allowed.low + 1);
    else if (std::isfinite(allowed.high))
      candidates.push_back(allowed.high - 1);
    for (const double candidate : candidates) {
      // It stands in the file as a bias, b, of which the law takes f32(b / output scale).
      const auto bias = static_cast<float>(candidate * static_cast<double>(wanted_.output_scale));
      const float offset = bias / wanted_.output_scale;
      if (std::isfinite(offset) && same(0, multiplier, offset)) return Requantization{scale, 0, bias};
    }
    return std::nullopt;
  }

  const WantedCodes& wanted_;
  std::vector<Threshold> thresholds_;
};

}  // namespace

std::optional<Requantization> find_requantization(const WantedCodes& wanted) { return Search(wanted).run(); }

}  // namespace northpole::network
