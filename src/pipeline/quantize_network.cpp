#include <algorithm>

#include "data/class_names.h"
#include "data/picture_transform.h"
#include "network/error.h"
#include "northpole/quantize.h"
#include "quantize/quantize.h"

namespace northpole {
namespace {

// The number of classes that the network's first output tells apart, if it is a list of scores.
std::int64_t number_of_scores(const network::Graph& graph) {
  return graph.outputs.empty() ? 0 : network::element_count(graph.outputs.front().shape);
}

}  // namespace

network::Graph quantize_network(const network::Graph& graph, const data::Dataset& pictures,
                                const QuantizeOptions& options) {
  if (graph.inputs.size() != 1) throw Error(graph.source + ": a network with exactly one input is expected");
  const network::Port& input = graph.inputs.front();
  const data::PictureTransform transform = data::transform_of(graph);
  const std::int64_t all = pictures.size();

  quantize::Calibration calibration;
  calibration.count = options.limit > 0 ? std::min(options.limit, all) : all;
  calibration.inputs = [&](std::int64_t index) {
    // Evenly over the data, which may be in the order of its classes.
    const data::Picture picture = pictures.picture(index * all / calibration.count);
    return std::map<std::string, network::Tensor>{{input.name, transform.input(picture, input.shape)}};
  };
  quantize::Options quantization;
  quantization.activations = quantize::range_method(options.range);
  quantization.bits = quantize::bit_choice(options.bits);
  quantization.bits.layers = options.layer_bits;
  quantization.threads = options.threads;

  network::Graph result = quantize::quantize(graph, calibration, quantization, options.progress);
  const std::vector<std::string>& names = pictures.class_names();
  if (data::class_names_of(result).empty() && !names.empty() &&
      static_cast<std::int64_t>(names.size()) == number_of_scores(result)) {
    result.metadata["northpole.classes"] = data::class_names_to_json(names);
  }
  return result;
}

}  // namespace northpole
