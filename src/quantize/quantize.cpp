#include "quantize/quantize.h"

#include "quantize/quantizer.h"

namespace northpole::quantize {

network::Graph quantize(const network::Graph& graph, const Calibration& calibration, const Options& options,
                        const Progress& progress) {
  return Quantizer(graph, calibration, options, progress).quantized(options.bits, progress);
}

}  // namespace northpole::quantize
