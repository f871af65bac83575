#include "train/augmentation.h"

#include <numbers>

namespace northpole::train {

torch::Tensor augmented(const torch::Tensor& batch, float empty) {
  const std::int64_t count = batch.size(0);
  const auto even = [count](double reach) { return (torch::rand({count}) * 2 - 1) * reach; };
  const torch::Tensor angle = even(12.0 * std::numbers::pi / 180.0);
  const torch::Tensor scale_x = 1 + even(0.10);
  const torch::Tensor scale_y = 1 + even(0.10);
  const torch::Tensor shear = even(0.15);
  // Positions run from -1 to 1 over the picture, so two pixels are 4 / side.
  const torch::Tensor shift_x = even(4.0 / static_cast<double>(batch.size(3)));
  const torch::Tensor shift_y = even(4.0 / static_cast<double>(batch.size(2)));
  const torch::Tensor cosine = torch::cos(angle);
  const torch::Tensor sine = torch::sin(angle);
  const torch::Tensor matrix = torch::stack({torch::stack({scale_x * cosine, shear - sine, shift_x}, 1),
                                             torch::stack({sine, scale_y * cosine, shift_y}, 1)},
                                            1);
  namespace functional = torch::nn::functional;
  const torch::Tensor grid = functional::affine_grid(matrix, batch.sizes(), /*align_corners=*/false);
  // The sampler fills with zeros, so the empty pixel is made zero for its sake.
  const auto options =
      functional::GridSampleFuncOptions().mode(torch::kBilinear).padding_mode(torch::kZeros).align_corners(false);
  return functional::grid_sample(batch - empty, grid, options) + empty;
}

}  // namespace northpole::train
