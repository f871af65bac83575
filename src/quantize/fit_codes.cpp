#include "quantize/fit_codes.h"

#include <algorithm>
#include <cmath>

#include "quantize/calibrate.h"
#include "reference/matrix_product.h"
#include "reference/windows.h"

namespace northpole::quantize {
namespace {

constexpr int most_sweeps = 30;     // over all codes of a row; usually fewer than ten change anything
constexpr int most_rescales = 6;    // of the scale, each followed by sweeps
constexpr std::int64_t block = 16;  // rows that go through the inputs together, so that covariances are read once

float nearest(float value, float low, float high) {
  const float code = std::min(std::max(value, low), high);
  return (code + 0x1.8p23f) - 0x1.8p23f;  // to the nearest integer, ties to even
}

#if defined(__x86_64__)
#define EACH_VECTOR_WIDTH [[gnu::target_clones("avx512f", "avx2", "default"), gnu::optimize("O3")]]
#else
#define EACH_VECTOR_WIDTH
#endif
// The same roundings whatever the width: no multiplication is fused with the addition (CMakeLists.txt).
EACH_VECTOR_WIDTH void add_multiple(float* to, const float* from, float by, std::size_t size) {
  for (std::size_t i = 0; i < size; ++i) to[i] += by * from[i];
}

// One row's codes, with the error's gradient beside them.
class Row {
 public:
  Row(const float* weights, const float* wanted, std::size_t depth, float scale, int bits, float loyalty)
      : depth_(depth),
        low_(-std::ldexp(1.0f, bits - 1)),
        high_(std::ldexp(1.0f, bits - 1) - 1),
        loyalty_(loyalty),
        scale_(scale),
        target_(depth),
        codes_(depth),
        gradient_(depth) {
    for (std::size_t k = 0; k < depth; ++k) {
      target_[k] = wanted[k] + loyalty * weights[k];
      codes_[k] = nearest(weights[k] / scale, low_, high_);
    }
  }

  const std::vector<float>& codes() const { return codes_; }

  // products: of the covariances with the codes, from which the gradient starts.
  void start(const float* products) {
    for (std::size_t k = 0; k < depth_; ++k) {
      gradient_[k] = products[k] * scale_ + loyalty_ * codes_[k] * scale_ - target_[k];
    }
    keep();
    best_.nearest_error = best_.error;
  }

  // Code k becomes the best one beside the others; true if that is another. covariances: of input k with all inputs.
  bool improve(std::size_t k, const float* covariances) {
    const float best = codes_[k] - gradient_[k] / ((covariances[k] + loyalty_) * scale_);
    const float code = nearest(best, low_, high_);
    // A tie, or a difference within the rounding of the gradient, is no reason.
    if (code == codes_[k] || std::fabs(best - codes_[k]) < 0.501f) return false;
    const float step = (code - codes_[k]) * scale_;
    codes_[k] = code;
    add_multiple(gradient_.data(), covariances, step, depth_);
    gradient_[k] += step * loyalty_;
    return true;
  }

  // The scale at which these codes give the least error. False if that is no other.
  bool rescale(float smallest) {
    double square = 0, product = 0;  // of the weights c s: s^2 c H c - 2 s c d, and H c s = gradient + d
    for (std::size_t k = 0; k < depth_; ++k) {
      product += static_cast<double>(codes_[k]) * static_cast<double>(target_[k]);
      square += static_cast<double>(codes_[k]) * static_cast<double>(gradient_[k] + target_[k]);
    }
    square /= static_cast<double>(scale_);
    if (!(square > 0) || !(product > 0)) return false;
    const float best = std::max(static_cast<float>(product / square), smallest);
    if (std::fabs(best - scale_) <= 1e-5f * scale_) return false;
    const float ratio = best / scale_;
    for (std::size_t k = 0; k < depth_; ++k) gradient_[k] = (gradient_[k] + target_[k]) * ratio - target_[k];
    scale_ = best;
    return true;
  }

  // Remembers codes and scale if they are the best so far.
  void keep() {
    double error = 0;  // w H w - 2 w d = w (gradient - d)
    for (std::size_t k = 0; k < depth_; ++k) {
      const double weight = static_cast<double>(codes_[k]) * static_cast<double>(scale_);
      error += weight * (static_cast<double>(gradient_[k]) - static_cast<double>(target_[k]));
    }
    if (!best_.codes.empty() && error >= best_.error) return;
    best_.error = error;
    best_.scale = scale_;
    best_.codes.assign(codes_.begin(), codes_.end());
  }

  FittedRow& best() { return best_; }

 private:
  std::size_t depth_;
  float low_, high_, loyalty_, scale_;
  std::vector<float> target_, codes_, gradient_;  // gradient: half of it, H w - d
  FittedRow best_;
};

// What loyalty adds to each variance. Never zero, so that every code has one best value even where the pictures say
// nothing.
float loyalty_of(const Moments& moments, double share) {
  double variance = 0;
  for (std::int64_t k = 0; k < moments.depth(); ++k) variance += static_cast<double>(moments.inputs(k)[k]);
  const auto loyalty = static_cast<float>(share * variance / static_cast<double>(moments.depth()));
  return loyalty > 0 ? loyalty : 1;
}

void start(std::vector<Row>& rows, const Moments& moments, const std::vector<float>& covariances) {
  const std::int64_t depth = moments.depth();
  std::vector<float> codes;
  for (const Row& row : rows) codes.insert(codes.end(), row.codes().begin(), row.codes().end());
  std::vector<float> products(codes.size());
  reference::WeightMatrix(codes.data(), static_cast<std::int64_t>(rows.size()), depth)
      .multiply(covariances.data(), depth, nullptr, products.data());
  for (std::size_t i = 0; i < rows.size(); ++i) rows[i].start(products.data() + static_cast<std::int64_t>(i) * depth);
}

void improve(std::vector<Row>& rows, const std::vector<float>& smallest_scales, std::int64_t first,
             const Moments& moments) {
  std::vector<bool> settled(rows.size(), false);
  for (int round = 0; round < most_rescales; ++round) {
    std::vector<bool> resting = settled;
    for (int sweep = 0; sweep < most_sweeps; ++sweep) {
      std::vector<bool> changed(rows.size(), false);
      for (std::int64_t k = 0; k < moments.depth(); ++k) {
        for (std::size_t i = 0; i < rows.size(); ++i) {
          if (!resting[i] && rows[i].improve(static_cast<std::size_t>(k), moments.inputs(k))) changed[i] = true;
        }
      }
      bool any = false;
      for (std::size_t i = 0; i < rows.size(); ++i) {
        resting[i] = !changed[i];
        any = any || changed[i];
      }
      if (!any) break;
    }
    for (std::size_t i = 0; i < rows.size(); ++i) {
      if (settled[i]) continue;
      rows[i].keep();
      settled[i] = !rows[i].rescale(smallest_scales[static_cast<std::size_t>(first) + i]);
      rows[i].keep();
    }
  }
}

}  // namespace

std::vector<FittedRow> fit_rows(const Moments& moments, const std::vector<float>& weights,
                                const std::vector<float>& scales, const std::vector<float>& smallest_scales, int bits,
                                double loyalty, int threads) {
  const std::int64_t depth = moments.depth(), blocks = (moments.rows() + block - 1) / block;
  const float added = loyalty_of(moments, loyalty);
  std::vector<float> covariances(static_cast<std::size_t>(reference::panel_size(depth, depth)));
  reference::gather_rows(moments.inputs(0), depth, depth, covariances.data());
  std::vector<FittedRow> fitted(static_cast<std::size_t>(moments.rows()));
  for_each_picture(blocks, threads, [&](std::int64_t index) {
    const std::int64_t first = index * block, end = std::min(first + block, moments.rows());
    std::vector<Row> rows;
    for (std::int64_t row = first; row < end; ++row) {
      rows.emplace_back(weights.data() + row * depth, moments.wanted(row), static_cast<std::size_t>(depth),
                        scales[static_cast<std::size_t>(row)], bits, added);
    }
    start(rows, moments, covariances);
    improve(rows, smallest_scales, first, moments);
    for (std::size_t i = 0; i < rows.size(); ++i) {
      fitted[static_cast<std::size_t>(first) + i] = std::move(rows[i].best());
    }
  });
  return fitted;
}

}  // namespace northpole::quantize
