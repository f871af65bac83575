#include "train/digit_network.h"

#include <string>

namespace northpole::train {

NormalisedConvolutionImpl::NormalisedConvolutionImpl(int channels_in, int channels_out, int kernel, int stride)
    : convolution(torch::nn::Conv2dOptions(channels_in, channels_out, kernel)
                      .stride(stride)
                      .padding(kernel / 2)
                      .bias(false)),
      normalisation(channels_out) {
  register_module("convolution", convolution);
  register_module("normalisation", normalisation);
  torch::nn::init::kaiming_normal_(convolution->weight, 0, torch::kFanOut, torch::kReLU);
}

torch::Tensor NormalisedConvolutionImpl::forward(const torch::Tensor& input) {
  return normalisation(convolution(input));
}

ResidualBlockImpl::ResidualBlockImpl(int channels_in, int channels_out, int stride)
    : first(channels_in, channels_out, 3, stride), second(channels_out, channels_out, 3, 1) {
  register_module("first", first);
  register_module("second", second);
  if (channels_in != channels_out || stride != 1) {
    shortcut = register_module("shortcut", NormalisedConvolution(channels_in, channels_out, 1, stride));
  }
}

torch::Tensor ResidualBlockImpl::forward(const torch::Tensor& input) {
  const torch::Tensor branch = second(torch::relu(first(input)));
  return torch::relu(branch + (shortcut ? shortcut(input) : input));
}

DigitNetworkImpl::DigitNetworkImpl() : stem(1, 16, 3, 1), classifier(64, 10) {
  register_module("stem", stem);
  blocks = {ResidualBlock(16, 16, 1), ResidualBlock(16, 32, 2), ResidualBlock(32, 64, 2)};
  for (std::size_t index = 0; index < blocks.size(); ++index) {
    register_module("block" + std::to_string(index + 1), blocks[index]);
  }
  register_module("classifier", classifier);
}

torch::Tensor DigitNetworkImpl::forward(const torch::Tensor& input) {
  torch::Tensor value = torch::relu(stem(input));
  for (ResidualBlock& block : blocks) value = block(value);
  return classifier(value.mean({2, 3}));
}

}  // namespace northpole::train
