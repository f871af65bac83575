#include "quantize/ranges.h"

#include <algorithm>
#include <cmath>

#include "network/error.h"
#include "quantize/divergence.h"

namespace northpole::quantize {
namespace {

using network::ElementType;
using reference::Quantization;
using Bins = std::vector<Histogram::Bin>;

// Scales stay normal numbers in half precision, and so do their reciprocals.
constexpr float smallest_scale = 0x1p-13f, largest_scale = 0x1p13f;
// Zero points other than 0 must lower the error at least to this share of the symmetric one's.
constexpr double worth_a_zero_point = 0.9;

double error_of(const Bins& bins, const Quantization& quantization) {
  const double scale = quantization.scale;
  const double low = network::lowest_code(quantization.type) - quantization.zero_point;
  const double high = network::highest_code(quantization.type) - quantization.zero_point;
  double error = 0;
  for (const auto& [centre, count] : bins) {
    const double code = std::min(std::max(centre / scale, low), high);
    const double whole = (code + 0x1.8p52) - 0x1.8p52;  // to the nearest integer
    const double difference = centre - whole * scale;
    error += count * difference * difference;
  }
  return error;
}

float as_scale(double scale) { return std::clamp(static_cast<float>(scale), smallest_scale, largest_scale); }

// Quantizations of one width, by the range of real values that they hold.
class Width {
 public:
  explicit Width(int bits)
      : unsigned_(network::quantized_type(bits, false)),
        signed_(network::quantized_type(bits, true)),
        steps_(network::highest_code(unsigned_)) {}

  Quantization unsigned_up_to(double high) const { return {unsigned_, as_scale(high / steps_), 0}; }

  Quantization symmetric_up_to(double magnitude) const {
    return {signed_, as_scale(magnitude / network::highest_code(signed_)), 0};
  }

  // The real range [low, high], widened to hold zero.
  Quantization asymmetric_over(double low, double high) const {
    low = std::min(low, 0.0);
    high = std::max(high, 0.0);
    const float scale = as_scale((high - low) / steps_);
    const std::int32_t lowest = network::lowest_code(signed_), highest = network::highest_code(signed_);
    const double zero_point = std::nearbyint(lowest - low / static_cast<double>(scale));
    return {signed_, scale, std::clamp(static_cast<std::int32_t>(zero_point), lowest, highest)};
  }

  Quantization of_nothing(bool never_negative) const { return {never_negative ? unsigned_ : signed_, 1.0f, 0}; }

 private:
  ElementType unsigned_, signed_;
  std::int32_t steps_;  // from the lowest code to the highest
};

// Shares of the full range that are tried: fine steps near the whole, down to a twentieth.
const std::vector<double>& shares() {
  static const std::vector<double> all = [] {
    std::vector<double> values;
    for (double share = 1.0; share > 0.05; share *= 0.98) values.push_back(share);
    return values;
  }();
  return all;
}

using Loss = double (*)(const Bins&, const Quantization&);

template <typename Make>
Quantization best_of(const Bins& bins, Loss loss, Make make) {
  Quantization best = make(1.0);
  double smallest = loss(bins, best);
  for (double share : shares()) {
    const Quantization candidate = make(share);
    const double error = loss(bins, candidate);
    if (error < smallest) {
      smallest = error;
      best = candidate;
    }
  }
  return best;
}

Quantization best_asymmetric(const Width& width, const Bins& bins, Loss loss, double low, double high) {
  double low_share = 1, high_share = 1, smallest = loss(bins, width.asymmetric_over(low, high));
  auto improve = [&](double& share) {
    const double before = share;
    double best = before;
    for (double candidate : shares()) {
      share = candidate;
      const double error = loss(bins, width.asymmetric_over(low * low_share, high * high_share));
      if (error < smallest) {
        smallest = error;
        best = candidate;
      }
    }
    share = best;
  };
  for (int round = 0; round < 2; ++round) {
    improve(high_share);
    improve(low_share);
  }
  return width.asymmetric_over(low * low_share, high * high_share);
}

// The value below which the given share of all counts lies.
double quantile(const Bins& bins, double share) {
  double total = 0;
  for (const auto& bin : bins) total += bin.count;
  double below = 0;
  for (const auto& bin : bins) {
    below += bin.count;
    if (below >= share * total) return bin.centre;
  }
  return bins.back().centre;
}

}  // namespace

RangeMethod range_method(std::string_view name) {
  if (name == "mse") return RangeMethod::mean_squared_error;
  if (name == "percentile") return RangeMethod::percentile;
  if (name == "entropy") return RangeMethod::entropy;
  if (name == "minmax") return RangeMethod::min_max;
  throw Error("unknown range method '" + std::string(name) + "': use mse, percentile, entropy or minmax");
}

double mean_squared_error(const Histogram& histogram, const Quantization& quantization) {
  const Bins bins = histogram.bins();
  double total = 0;
  for (const auto& bin : bins) total += bin.count;
  return total == 0 ? 0 : error_of(bins, quantization) / total;
}

Quantization choose_quantization(const Histogram& histogram, bool never_negative, RangeMethod method, int bits,
                                 double kept_percent) {
  const Width width(bits);
  if (histogram.empty()) return width.of_nothing(never_negative);
  const Bins seen = histogram.bins();
  double low = histogram.smallest(), high = histogram.largest();
  if (method == RangeMethod::percentile && kept_percent < 100) {
    low = std::max(low, quantile(seen, 1 - kept_percent / 100));
    high = std::min(high, quantile(seen, kept_percent / 100));
  }
  const double magnitude = std::max(std::fabs(low), std::fabs(high));
  const bool search = method == RangeMethod::mean_squared_error || method == RangeMethod::entropy;
  const Loss loss = method == RangeMethod::entropy ? divergence : error_of;
  const auto unsigned_of = [&](double share) { return width.unsigned_up_to(share * high); };
  const auto symmetric_of = [&](double share) { return width.symmetric_up_to(share * magnitude); };
  if (never_negative) return search ? best_of(seen, loss, unsigned_of) : unsigned_of(1);
  const Quantization symmetric = search ? best_of(seen, loss, symmetric_of) : symmetric_of(1);
  const Quantization asymmetric =
      search ? best_asymmetric(width, seen, loss, low, high) : width.asymmetric_over(low, high);
  return loss(seen, asymmetric) < worth_a_zero_point * loss(seen, symmetric) ? asymmetric : symmetric;
}

}  // namespace northpole::quantize
