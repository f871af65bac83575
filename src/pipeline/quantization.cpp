#include "pipeline/quantization.h"

#include <algorithm>

#include "data/class_names.h"
#include "data/picture_transform.h"
#include "network/error.h"

namespace northpole {
namespace {

// The number of classes that the network's first output tells apart, if it is a list of scores.
std::int64_t number_of_scores(const network::Graph& graph) {
  return graph.outputs.empty() ? 0 : network::element_count(graph.outputs.front().shape);
}

}  // namespace

std::vector<std::int64_t> calibration_pictures(const data::Dataset& pictures, std::int64_t limit) {
  const std::int64_t all = pictures.size(), count = limit > 0 ? std::min(limit, all) : all;
  std::vector<std::int64_t> numbers;
  for (std::int64_t i = 0; i < count; ++i) numbers.push_back(i * all / count);
  return numbers;
}

quantize::Calibration calibration_of(const network::Graph& graph, const data::Dataset& pictures, std::int64_t limit) {
  if (graph.inputs.size() != 1) throw Error(graph.source + ": a network with exactly one input is expected");
  const std::vector<std::int64_t> numbers = calibration_pictures(pictures, limit);
  return {static_cast<std::int64_t>(numbers.size()), [&pictures, numbers, input = graph.inputs.front(),
                                                      transform = data::transform_of(graph)](std::int64_t index) {
            const data::Picture picture = pictures.picture(numbers[static_cast<std::size_t>(index)]);
            return std::map<std::string, network::Tensor>{{input.name, transform.input(picture, input.shape)}};
          }};
}

quantize::Options quantization_of(const QuantizeOptions& options) {
  quantize::Options quantization;
  quantization.activations = quantize::range_method(options.range);
  quantization.kept_percent = options.percentile;
  quantization.equalize = options.equalize;
  quantization.correct_biases = options.correct_bias;
  quantization.learn_rounding = options.learn_rounding;
  quantization.threads = options.threads;
  return quantization;
}

void take_class_names(network::Graph& graph, const data::Dataset& pictures) {
  const std::vector<std::string>& names = pictures.class_names();
  if (data::class_names_of(graph).empty() && !names.empty() &&
      static_cast<std::int64_t>(names.size()) == number_of_scores(graph)) {
    graph.metadata["northpole.classes"] = data::class_names_to_json(names);
  }
}

}  // namespace northpole
