#include "quantize/moments.h"

#include <algorithm>

#include "quantize/calibrate.h"
#include "reference/matrix_product.h"
#include "reference/windows.h"

namespace northpole::quantize {
namespace {

using reference::panel_columns;
using reference::WeightMatrix;

// Rows that a thread takes at a time: a multiple of the panels' columns, so that a block of a symmetric matrix can
// start at its diagonal.
constexpr std::int64_t block = 3 * panel_columns;

// sums += left (rows x samples) * right^T (columns x samples), block of rows by block; `from` gives the first column
// that a row needs, a multiple of panel_columns.
template <typename From>
void add_product(const std::vector<float>& left, std::int64_t rows, const std::vector<float>& right_panels,
                 std::int64_t columns, std::int64_t samples, int threads, std::vector<float>& sums, const From& from) {
  const std::int64_t blocks = (rows + block - 1) / block;
  for_each_picture(blocks, threads, [&](std::int64_t index) {
    const std::int64_t first = index * block, height = std::min(block, rows - first);
    const std::int64_t start = from(first), width = columns - start;
    const WeightMatrix matrix(left.data() + first * samples, height, samples);
    std::vector<float> product(static_cast<std::size_t>(height * width));
    matrix.multiply(right_panels.data() + start * samples, width, nullptr, product.data());
    for (std::int64_t row = 0; row < height; ++row) {
      float* to = sums.data() + (first + row) * columns + start;
      const float* part = product.data() + row * width;
      for (std::int64_t column = 0; column < width; ++column) to[column] += part[column];
    }
  });
}

void add_means(const std::vector<float>& values, std::int64_t samples, std::vector<double>& sums) {
  for (std::size_t row = 0; row < sums.size(); ++row) {
    const float* of_row = values.data() + static_cast<std::int64_t>(row) * samples;
    for (std::int64_t i = 0; i < samples; ++i) sums[row] += static_cast<double>(of_row[i]);
  }
}

}  // namespace

Moments::Moments(std::int64_t rows, std::int64_t depth)
    : rows_(rows),
      depth_(depth),
      inputs_(static_cast<std::size_t>(depth * depth)),
      wanted_(static_cast<std::size_t>(rows * depth)),
      mean_inputs_(static_cast<std::size_t>(depth)),
      mean_wanted_(static_cast<std::size_t>(rows)) {}

void Moments::add(const std::vector<float>& inputs, const std::vector<float>& wanted, std::int64_t samples,
                  int threads) {
  std::vector<float> panels(static_cast<std::size_t>(reference::panel_size(samples, depth_)));
  reference::gather_rows(inputs.data(), depth_, samples, panels.data());
  add_product(inputs, depth_, panels, depth_, samples, threads, inputs_, [](std::int64_t row) { return row; });
  add_product(wanted, rows_, panels, depth_, samples, threads, wanted_, [](std::int64_t) { return 0; });
  add_means(inputs, samples, mean_inputs_);
  add_means(wanted, samples, mean_wanted_);
  samples_ += samples;
}

void Moments::finish() {
  const auto samples = static_cast<double>(samples_);
  for (double& mean : mean_inputs_) mean /= samples;
  for (double& mean : mean_wanted_) mean /= samples;
  const auto centred = [&](float sum, double mean, double other) {
    return static_cast<float>(static_cast<double>(sum) / samples - mean * other);
  };
  for (std::int64_t k = 0; k < depth_; ++k) {
    for (std::int64_t other = k; other < depth_; ++other) {
      const auto mean = [&](std::int64_t i) { return mean_inputs_[static_cast<std::size_t>(i)]; };
      float& value = inputs_[static_cast<std::size_t>(k * depth_ + other)];
      value = centred(value, mean(k), mean(other));
      if (k == other) value = std::max(value, 0.0f);
      inputs_[static_cast<std::size_t>(other * depth_ + k)] = value;
    }
    for (std::int64_t row = 0; row < rows_; ++row) {
      float& value = wanted_[static_cast<std::size_t>(row * depth_ + k)];
      value = centred(value, mean_inputs_[static_cast<std::size_t>(k)], mean_wanted_[static_cast<std::size_t>(row)]);
    }
  }
}

}  // namespace northpole::quantize
