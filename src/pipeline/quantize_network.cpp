#include "northpole/quantize.h"
#include "pipeline/quantization.h"

namespace northpole {

network::Graph quantize_network(const network::Graph& graph, const data::Dataset& pictures,
                                const QuantizeOptions& options) {
  quantize::Options quantization = quantization_of(options);
  quantization.bits = quantize::bit_choice(options.bits);
  quantization.bits.layers = options.layer_bits;
  network::Graph result =
      quantize::quantize(graph, calibration_of(graph, pictures, options.limit), quantization, options.progress);
  take_class_names(result, pictures);
  return result;
}

}  // namespace northpole
