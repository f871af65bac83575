#include "quantize/fit_codes.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>

#include "quantize/weights.h"

namespace northpole::quantize {
namespace {

// A layer of random weights, and samples of inputs that vary together, as a picture's neighbouring pixels do.
struct Layer {
  std::int64_t rows, depth, samples;
  std::vector<float> weights, inputs, wanted;
  Moments moments;

  Layer(unsigned seed, std::int64_t rows, std::int64_t depth, std::int64_t samples = 400)
      : rows(rows), depth(depth), samples(samples), moments(rows, depth) {
    std::mt19937 random(seed);
    const auto uniform = [&] { return static_cast<float>(random()) * 0x1p-32f; };
    for (std::int64_t i = 0; i < rows * depth; ++i) weights.push_back(uniform() - 0.5f);
    inputs.resize(static_cast<std::size_t>(depth * samples));
    for (std::int64_t sample = 0; sample < samples; ++sample) {
      const float common = 3 * uniform();
      for (std::int64_t k = 0; k < depth; ++k)
        inputs[static_cast<std::size_t>(k * samples + sample)] = common + uniform();
    }
    for (std::int64_t row = 0; row < rows; ++row) {
      for (std::int64_t sample = 0; sample < samples; ++sample)
        wanted.push_back(result(row, sample, [](float w) { return w; }));
    }
    moments.add(inputs, wanted, samples, 1);
    moments.finish();
  }

  template <typename Rounding>
  float result(std::int64_t row, std::int64_t sample, const Rounding& rounding) const {
    double sum = 0;
    for (std::int64_t k = 0; k < depth; ++k) {
      sum += static_cast<double>(rounding(weights[static_cast<std::size_t>(row * depth + k)])) *
             static_cast<double>(inputs[static_cast<std::size_t>(k * samples + sample)]);
    }
    return static_cast<float>(sum);
  }

  // Of the results, their means apart (those are the bias's), with these codes.
  double mean_squared_error(std::int64_t row, const std::vector<std::int64_t>& codes, float scale) const {
    double sum = 0, square = 0;
    for (std::int64_t sample = 0; sample < samples; ++sample) {
      double difference = -static_cast<double>(wanted[static_cast<std::size_t>(row * samples + sample)]);
      for (std::int64_t k = 0; k < depth; ++k) {
        difference += static_cast<double>(codes[static_cast<std::size_t>(k)]) * static_cast<double>(scale) *
                      static_cast<double>(inputs[static_cast<std::size_t>(k * samples + sample)]);
      }
      sum += difference;
      square += difference * difference;
    }
    const auto count = static_cast<double>(samples);
    return square / count - sum / count * sum / count;
  }

  std::vector<FittedRow> fitted(int bits, double loyalty = 0.01, int threads = 1) const {
    return fit_rows(moments, weights, std::vector<float>(static_cast<std::size_t>(rows), scale(bits)),
                    std::vector<float>(static_cast<std::size_t>(rows), 0), bits, loyalty, threads);
  }
  static float scale(int bits) { return 0.5f / static_cast<float>((1 << (bits - 1)) - 1); }
};

TEST(FitCodes, GivesTheResultsBetterThanTheNearestCodes) {
  for (const int bits : {8, 4, 2}) {
    const Layer layer(static_cast<unsigned>(bits), 20, 70);
    const float scale = Layer::scale(bits);
    const std::vector<FittedRow> fitted = layer.fitted(bits);
    ASSERT_EQ(fitted.size(), 20u);
    double sum = 0, sum_of_nearest = 0;
    for (std::int64_t row = 0; row < layer.rows; ++row) {
      const FittedRow& of_row = fitted[static_cast<std::size_t>(row)];
      const auto lowest = -(std::int64_t{1} << (bits - 1));
      std::vector<std::int64_t> nearest;
      for (std::int64_t k = 0; k < layer.depth; ++k) {
        const float ratio = layer.weights[static_cast<std::size_t>(row * layer.depth + k)] / scale;
        nearest.push_back(std::clamp<std::int64_t>(std::llrint(ratio), lowest, -lowest - 1));
        EXPECT_GE(of_row.codes[static_cast<std::size_t>(k)], lowest);
        EXPECT_LT(of_row.codes[static_cast<std::size_t>(k)], -lowest);
      }
      EXPECT_LT(of_row.error, of_row.nearest_error);
      sum += layer.mean_squared_error(row, of_row.codes, of_row.scale);
      sum_of_nearest += layer.mean_squared_error(row, nearest, scale);
    }
    EXPECT_LT(sum, 0.4 * sum_of_nearest) << bits << " bits";
  }
}

TEST(FitCodes, LeavesNoSingleCodeThatCouldBeBetter) {
  const Layer layer(7, 5, 24);
  const std::vector<FittedRow> fitted = layer.fitted(4, 1e-6);
  for (std::int64_t row = 0; row < layer.rows; ++row) {
    FittedRow of_row = fitted[static_cast<std::size_t>(row)];
    const double least = layer.mean_squared_error(row, of_row.codes, of_row.scale);
    for (std::int64_t& code : of_row.codes) {
      for (const std::int64_t step : {-1, 1}) {
        if (code + step < -8 || code + step > 7) continue;
        code += step;
        EXPECT_GE(layer.mean_squared_error(row, of_row.codes, of_row.scale), least * (1 - 1e-3)) << "row " << row;
        code -= step;
      }
    }
  }
}

TEST(FitCodes, KeepsWeightsThatAreOnTheGrid) {
  Layer layer(3, 4, 30);
  std::vector<std::vector<std::int64_t>> codes(4);
  for (std::size_t i = 0; i < layer.weights.size(); ++i) {
    const auto code = static_cast<std::int64_t>(i * 7 % 15) - 7;
    codes[i / 30].push_back(code);
    layer.weights[i] = static_cast<float>(code) * 0.125f;
  }
  for (std::int64_t row = 0; row < 4; ++row) {
    for (std::int64_t sample = 0; sample < layer.samples; ++sample) {
      layer.wanted[static_cast<std::size_t>(row * layer.samples + sample)] =
          layer.result(row, sample, [](float w) { return w; });
    }
  }
  layer.moments = Moments(4, 30);
  layer.moments.add(layer.inputs, layer.wanted, layer.samples, 1);
  layer.moments.finish();
  const auto fitted =
      fit_rows(layer.moments, layer.weights, std::vector<float>(4, 0.125f), std::vector<float>(4, 0), 4, 0.01, 1);
  for (std::size_t row = 0; row < 4; ++row) {
    EXPECT_EQ(fitted[row].codes, codes[row]);
    EXPECT_NEAR(fitted[row].scale, 0.125f, 1e-5);
  }
}

TEST(FitCodes, StaysWithTheWeightsWhereThePicturesSayNothing) {
  Layer layer(5, 2, 8);
  std::fill(layer.inputs.begin(), layer.inputs.end(), 1.0f);  // always the same: nothing varies
  layer.moments = Moments(2, 8);
  layer.moments.add(layer.inputs, layer.wanted, layer.samples, 1);
  layer.moments.finish();
  for (const FittedRow& row : layer.fitted(4)) EXPECT_LE(row.error, row.nearest_error);
  const FittedRow row = layer.fitted(8)[0];
  for (std::size_t k = 0; k < 8; ++k) {
    EXPECT_NEAR(static_cast<float>(row.codes[k]) * row.scale, layer.weights[k], row.scale);
  }
}

TEST(FitCodes, GoesNoLowerThanTheLeastScale) {
  const Layer layer(9, 3, 20);
  for (const FittedRow& row :
       fit_rows(layer.moments, layer.weights, {0.2f, 0.2f, 0.2f}, {0.19f, 0.19f, 0.19f}, 4, 0.01, 1)) {
    EXPECT_GE(row.scale, 0.19f);
  }
}

TEST(FitCodes, GivesTheSameWithAnyNumberOfThreads) {
  const Layer layer(11, 130, 100);
  Moments moments(layer.rows, layer.depth);
  moments.add(layer.inputs, layer.wanted, layer.samples, 3);
  moments.finish();
  for (std::int64_t k = 0; k < layer.depth; ++k) {
    EXPECT_TRUE(std::equal(moments.inputs(k), moments.inputs(k) + layer.depth, layer.moments.inputs(k)));
  }
  const auto once = layer.fitted(4, 0.01, 1), again = layer.fitted(4, 0.01, 3);
  for (std::size_t row = 0; row < once.size(); ++row) {
    EXPECT_EQ(once[row].codes, again[row].codes);
    EXPECT_EQ(once[row].scale, again[row].scale);
  }
}

TEST(Moments, AreCovariances) {
  const Layer layer(13, 3, 40, 50);
  const auto mean = [](const std::vector<float>& values, std::int64_t row) {
    double sum = 0;
    for (std::int64_t i = 0; i < 50; ++i) sum += static_cast<double>(values[static_cast<std::size_t>(row * 50 + i)]);
    return sum / 50;
  };
  const auto covariance = [&](const std::vector<float>& a, std::int64_t i, const std::vector<float>& b,
                              std::int64_t j) {
    double sum = 0;
    for (std::int64_t s = 0; s < 50; ++s) {
      sum += (static_cast<double>(a[static_cast<std::size_t>(i * 50 + s)]) - mean(a, i)) *
             (static_cast<double>(b[static_cast<std::size_t>(j * 50 + s)]) - mean(b, j));
    }
    return sum / 50;
  };
  for (std::int64_t k = 0; k < 40; ++k) {
    for (std::int64_t other = 0; other < 40; ++other) {
      EXPECT_NEAR(static_cast<double>(layer.moments.inputs(k)[other]), covariance(layer.inputs, k, layer.inputs, other),
                  1e-4);
    }
    for (std::int64_t row = 0; row < 3; ++row) {
      EXPECT_NEAR(static_cast<double>(layer.moments.wanted(row)[k]), covariance(layer.wanted, row, layer.inputs, k),
                  1e-4);
    }
  }
  EXPECT_NEAR(layer.moments.mean_wanted()[2], mean(layer.wanted, 2), 1e-6);
  EXPECT_NEAR(layer.moments.mean_inputs()[39], mean(layer.inputs, 39), 1e-6);
}

}  // namespace
}  // namespace northpole::quantize
