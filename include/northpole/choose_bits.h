// Bits layer by layer: the fastest assignment whose accuracy drops no more than allowed.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "chip/chip_description.h"
#include "northpole/quantize.h"

namespace northpole {

struct ChooseBitsOptions {
  double max_drop = 1.0;  // of top-1 on the calibration pictures, in points (hundredths)
  // Widths that a layer may have, weights and input alike; the first and last layers keep 8.
  std::vector<int> widths = {8, 4, 2};
  int most_assignments = 8;                // that are quantized and measured
  std::int64_t sensitivity_pictures = 16;  // that each layer's rounding alone is measured on
  chip::ChipDescription chip;
};

// An assignment that was quantized and measured.
struct FrontierPoint {
  std::map<std::string, int> widths;  // by node name of the layer
  std::uint64_t cycles = 0;           // a frame, estimated by the compiler's search (choose/estimate.h)
  double frames_per_second = 0;       // the same at the chip's clock
  double top1 = 0;                    // share of the calibration pictures
  std::int64_t right = 0;
  double narrow_share = 0;  // of the multiply-accumulates: at less than 8 bit
  bool chosen = false;
};

struct LayerChoice {
  std::string name;
  int width = 8;
  std::uint64_t multiply_accumulates = 0;
  std::map<int, std::uint64_t> cycles;  // by width, estimated with all layers of that width
  std::map<int, double> change;         // by width: choose/sensitivity.h, of all layers that read the same value
  std::string reason;
};

struct ChosenBits {
  network::Graph network;  // quantized
  std::int64_t pictures = 0;
  double float_top1 = 0;
  bool within_drop = true;              // false: even the widest assignment drops more; it was taken
  std::vector<FrontierPoint> frontier;  // from slow to fast
  std::vector<LayerChoice> layers;      // in the network's order
};

// Ranges, rounding and progress are those of `quantization`, whose bits count for nothing but `layer_bits`: layers
// named there keep theirs. The pictures' classes are used: they say what accuracy is. What is chosen is measured on the
// pictures that it was calibrated on, so other pictures will see a little less.
// 1. Each layer's rounding alone is measured, and its cycles at each width are estimated.
// 2. Layers give up bits in the order of change for each cycle saved (choose/steps.h).
// 3. How far they may go is searched by halves: each assignment that is looked at is quantized in full and measured.
// Deterministic. Throws northpole::Error in one line; in addition to what quantize_network() refuses, a network whose
// first output is no list of scores.
ChosenBits choose_bits(const network::Graph& graph, const data::Dataset& pictures, const QuantizeOptions& quantization,
                       const ChooseBitsOptions& options,
                       const std::function<void(const std::string& stage)>& stage = {});

}  // namespace northpole
