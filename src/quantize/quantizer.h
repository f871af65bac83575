// A float network that was looked at once and can be quantized to several assignments of bits.
#pragma once

#include <vector>

#include "quantize/emit.h"
#include "quantize/quantize.h"

namespace northpole::quantize {

class Quantizer {
 public:
  // Equalizes if the options say so, and runs the network on every picture. Throws as quantize() does. options.bits
  // counts for nothing here.
  Quantizer(const network::Graph& graph, Calibration calibration, const Options& options,
            const Progress& progress = {});

  // The float network, equalized or not, whose values and nodes the others name.
  const network::Graph& graph() const { return graph_; }
  const Points& points() const { return points_; }
  const Calibration& calibration() const { return calibration_; }

  // Ranges and nearest codes; no bias is corrected, no rounding learned.
  Decisions nearest(const BitChoice& bits) const;
  // By all of the options' methods.
  network::Graph quantized(const BitChoice& bits, const Progress& progress = {}) const;
  network::Graph written(const Decisions& decisions) const;

 private:
  network::Graph graph_;
  Calibration calibration_;
  Options options_;
  Points points_;
  std::vector<Histogram> histograms_;  // one for each group of points
};

}  // namespace northpole::quantize
