#include "network/dialects/linear_source.h"

#include <algorithm>

#include "network/node_view.h"
#include "network/parameters.h"

namespace northpole::network {
namespace {

constexpr std::int64_t most_diagonal = 2048;  // a diagonal matrix larger than this is mostly zeros

bool has_bias(const Node& node) { return node.inputs.size() > 2 && !node.inputs[2].empty(); }

bool set_bias(const Graph& graph, const Node& node, LinearSource& source) {
  source.bias.assign(static_cast<std::size_t>(source.outputs), 0);
  if (!has_bias(node)) return true;
  const auto bias = real_constant_of(graph, node.inputs[2]);
  if (!bias || (bias->values.size() != 1 && bias->values.size() != source.bias.size())) return false;
  for (std::size_t i = 0; i < source.bias.size(); ++i) source.bias[i] = bias->values[bias->values.size() == 1 ? 0 : i];
  return true;
}

// The product as the file has it; `turned`: outputs stand first in its weights.
std::optional<LinearSource> product_of(const Graph& graph, const Node& node, bool turned) {
  LinearSource source;
  const auto codes = codes_of_activation(graph, node.inputs.at(0));
  const auto weights = integer_constant_of(graph, node.inputs.at(1));
  if (!codes || !weights) return std::nullopt;
  const bool convolution = node.op == "Conv";
  const Shape& shape = weights->codes.shape;
  if (convolution ? shape.size() != 4 : shape.size() != 2) return std::nullopt;
  source.name = node.name;
  source.op = convolution ? "Conv" : "MatMul";
  source.input = node.inputs[0];
  source.codes = *codes;
  const std::size_t output_axis = convolution || turned ? 0 : 1;
  source.outputs = shape[output_axis];
  if (weights->scales.size() > 1 && weights->axis != static_cast<std::int64_t>(output_axis)) return std::nullopt;
  source.axis = convolution ? 1 : -1;
  if (convolution) {
    source.attributes = node.attributes;
    source.weight_shape = shape;
    source.weights = weights->numbers;
  } else {
    const std::int64_t inputs = shape[1 - output_axis];
    source.weight_shape = {inputs, source.outputs};
    for (std::int64_t k = 0; k < inputs; ++k)
      for (std::int64_t o = 0; o < source.outputs; ++o)
        source.weights.push_back(
            weights->numbers[static_cast<std::size_t>(turned ? o * inputs + k : k * source.outputs + o)]);
  }
  for (std::int64_t o = 0; o < source.outputs; ++o)
    source.unit.push_back(static_cast<double>(codes->scale) * static_cast<double>(weights->scale_of(o)));
  if (!set_bias(graph, node, source)) return std::nullopt;
  return source;
}

// Ones of the window, over its size.
std::optional<LinearSource> average_of(const Graph& graph, const Node& node) {
  const auto codes = codes_of_activation(graph, node.inputs.at(0));
  const NodeView view(graph, node);
  if (!codes || view.rank(0) != 4) return std::nullopt;
  const Shape& shape = view.shape(0);
  LinearSource source;
  source.name = node.name;
  source.op = "Conv";
  source.input = node.inputs[0];
  source.codes = *codes;
  std::vector<std::int64_t> kernel{shape[2], shape[3]};
  if (node.op == "AveragePool") {
    const Window window = window_of(view, shape, {});
    const auto is_positive = [](std::int64_t size) { return size > 0; };
    const bool padded = std::any_of(window.pads.begin(), window.pads.end(), is_positive);
    if (std::any_of(window.overhang.begin(), window.overhang.end(), is_positive) ||
        (padded && node.integer("count_include_pad", 0) == 0))
      return std::nullopt;  // windows of several sizes
    kernel = window.kernel;
    source.attributes = {{"strides", window.strides}, {"pads", window.pads}, {"dilations", window.dilations}};
  } else if (node.op == "ReduceMean") {
    const Reduction reduction = reduction_of(view);
    if (reduction.axes != std::vector<std::int64_t>{2, 3} || !reduction.keep) return std::nullopt;
  }
  source.outputs = shape[1];
  source.attributes["kernel_shape"] = kernel;
  source.attributes["group"] = source.outputs;
  source.weight_shape = {source.outputs, 1, kernel[0], kernel[1]};
  source.weights.assign(static_cast<std::size_t>(element_count(source.weight_shape)), 1);
  const auto outputs = static_cast<std::size_t>(source.outputs);
  source.unit.assign(outputs, static_cast<double>(codes->scale) / static_cast<double>(kernel[0] * kernel[1]));
  source.bias.assign(outputs, 0);
  return source;
}

}  // namespace

std::vector<LinearSource::Range> LinearSource::ranges() const {
  const std::int64_t low = lowest_code(codes.type) - codes.zero_point,
                     high = highest_code(codes.type) - codes.zero_point;
  std::vector<Range> result(static_cast<std::size_t>(outputs));
  for (std::size_t i = 0; i < weights.size(); ++i) {
    Range& range = result[channel_of(i)];
    range.least += std::min<std::int64_t>({weights[i] * low, weights[i] * high, 0});
    range.largest += std::max<std::int64_t>({weights[i] * low, weights[i] * high, 0});
  }
  return result;
}

std::optional<LinearSource> linear_source_of(const Graph& graph, const std::string& value) {
  const auto producer = graph.producer(value);
  if (!producer) return std::nullopt;
  const Node& node = graph.nodes[*producer];
  if (!node.domain.empty()) return std::nullopt;
  if (node.op == "Conv" || node.op == "MatMul") return product_of(graph, node, false);
  if (node.op == "Gemm") {
    const bool plain =
        node.integer("transA", 0) == 0 && node.real("alpha", 1) == 1 && (node.real("beta", 1) == 1 || !has_bias(node));
    return plain ? product_of(graph, node, node.integer("transB", 0) != 0) : std::nullopt;
  }
  if (node.op == "AveragePool" || node.op == "GlobalAveragePool" || node.op == "ReduceMean")
    return average_of(graph, node);
  return std::nullopt;
}

std::optional<LinearSource> pointwise_source_of(const Graph& graph, const std::string& value, const std::string& name) {
  const auto codes = codes_of_activation(graph, value);
  if (!codes) return std::nullopt;
  const Shape& shape = graph.values.at(value).shape;
  LinearSource source;
  source.name = name;
  source.input = value;
  source.codes = *codes;
  if (shape.size() == 4) {
    source.op = "Conv";
    source.outputs = shape[1];
    source.attributes = {{"kernel_shape", std::vector<std::int64_t>{1, 1}}, {"group", source.outputs}};
    source.weight_shape = {source.outputs, 1, 1, 1};
    source.weights.assign(static_cast<std::size_t>(source.outputs), 1);
  } else if (shape.size() == 2 && shape[0] == 1 && shape[1] <= most_diagonal) {
    source.op = "MatMul";
    source.axis = -1;
    source.outputs = shape[1];
    source.weight_shape = {source.outputs, source.outputs};
    source.weights.assign(static_cast<std::size_t>(source.outputs * source.outputs), 0);
    for (std::int64_t i = 0; i < source.outputs; ++i)
      source.weights[static_cast<std::size_t>(i * source.outputs + i)] = 1;
  } else {
    return std::nullopt;
  }
  source.unit.assign(static_cast<std::size_t>(source.outputs), static_cast<double>(codes->scale));
  source.bias.assign(static_cast<std::size_t>(source.outputs), 0);
  return source;
}

}  // namespace northpole::network
