// From a float network and some pictures to a quantized network of 8, 4 or 2 bits.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>

#include "data/dataset.h"
#include "network/graph.h"
#include "quantize/bits.h"

namespace northpole {

struct QuantizeOptions {
  // At most so many calibration pictures, spread evenly over the data set; 0 takes all.
  std::int64_t limit = 200;
  // How activation ranges are chosen: "mse", "percentile", "entropy", "minmax" (quantize/ranges.h).
  std::string range = "mse";
  double percentile = 99.99;  // of the values on each side that "percentile" keeps
  bool equalize = false;      // balances the channels of layers that follow each other first (quantize/equalize.h)
  bool correct_bias = true;   // takes the mean error of rounded weights out of the biases (quantize/correct_biases.h)
  // "8", "4", "2", "mixed" (4, but 8 in the first and last layers; quantize/bits.h), and other bits for single layers,
  // by the name of their Conv, Gemm or MatMul.
  std::string bits = "8";
  std::map<std::string, quantize::LayerBits> layer_bits;
  // Weights so that each layer's results stay, biases too (quantize/learn_rounding.h). Unless said: where any layer's
  // weights have fewer than 8 bits; at 8 it brings nothing that correcting the biases does not.
  std::optional<bool> learn_rounding;
  int threads = 1;  // changes nothing in the result
  std::function<void(std::int64_t done, std::int64_t total)> progress;
};

// graph: float, from read_network(). The result holds standard QuantizeLinear/DequantizeLinear pairs; write it with
// onnx::write_onnx(). Class names of the data are taken when the network has none and their number fits.
// Throws northpole::Error in one line.
network::Graph quantize_network(const network::Graph& graph, const data::Dataset& pictures,
                                const QuantizeOptions& options = {});

}  // namespace northpole
