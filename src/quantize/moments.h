// What a layer's sums of products depend on, over the calibration pictures: how its inputs vary together, and how they
// vary with the sums that they should give.
#pragma once

#include <cstdint>
#include <vector>

namespace northpole::quantize {

// Of samples of `depth` inputs each and the `rows` results wanted of them.
class Moments {
 public:
  Moments(std::int64_t rows, std::int64_t depth);

  // inputs: row-major depth x samples; wanted: row-major rows x samples. Sums do not depend on the threads.
  void add(const std::vector<float>& inputs, const std::vector<float>& wanted, std::int64_t samples, int threads);
  // Ends the adding; at least one sample.
  void finish();

  std::int64_t rows() const { return rows_; }
  std::int64_t depth() const { return depth_; }
  // Valid after finish(). Covariances of the inputs, depth x depth, symmetric:
  const float* inputs(std::int64_t k) const { return inputs_.data() + k * depth_; }
  // ... of a wanted result with each input, depth of them:
  const float* wanted(std::int64_t row) const { return wanted_.data() + row * depth_; }
  const std::vector<double>& mean_inputs() const { return mean_inputs_; }
  const std::vector<double>& mean_wanted() const { return mean_wanted_; }

 private:
  std::int64_t rows_, depth_, samples_ = 0;
  std::vector<float> inputs_, wanted_;
  std::vector<double> mean_inputs_, mean_wanted_;
};

}  // namespace northpole::quantize
