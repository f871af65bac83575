// The network for handwritten digits that the project ships: a small residual convolutional network.
//
//   1 x 28 x 28 -> 3x3 convolution to 16 channels -> residual blocks of 16 (28 x 28), 32 (14 x 14) and 64 (7 x 7)
//   channels -> global average -> 10 scores. 77,418 weights.
//
// Every convolution is followed by batch normalisation; a block that changes the size has a strided 1x1 convolution as
// its shortcut.
#pragma once

#include <torch/torch.h>

#include <vector>

namespace northpole::train {

// A convolution without bias and the batch normalisation behind it, which fold into one convolution for inference.
struct NormalisedConvolutionImpl : torch::nn::Module {
  NormalisedConvolutionImpl(int channels_in, int channels_out, int kernel, int stride);
  torch::Tensor forward(const torch::Tensor& input);

  torch::nn::Conv2d convolution;
  torch::nn::BatchNorm2d normalisation;
};
TORCH_MODULE(NormalisedConvolution);

// relu(second(relu(first(x))) + shortcut(x)); the shortcut is x itself when the shape stays.
struct ResidualBlockImpl : torch::nn::Module {
  ResidualBlockImpl(int channels_in, int channels_out, int stride);
  torch::Tensor forward(const torch::Tensor& input);

  NormalisedConvolution first;
  NormalisedConvolution second;
  NormalisedConvolution shortcut = nullptr;  // null when x passes unchanged
};
TORCH_MODULE(ResidualBlock);

struct DigitNetworkImpl : torch::nn::Module {
  DigitNetworkImpl();
  // N x 1 x 28 x 28 float32 to N x 10 scores.
  torch::Tensor forward(const torch::Tensor& input);

  NormalisedConvolution stem;
  std::vector<ResidualBlock> blocks;
  torch::nn::Linear classifier;
};
TORCH_MODULE(DigitNetwork);

}  // namespace northpole::train
