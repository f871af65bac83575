#include "reference/quantized_constants.h"

namespace northpole::reference {

using network::ElementType;
using network::Tensor;

std::optional<QuantizedConstant> quantized_constant(const network::Graph& graph, const std::string& value) {
  const auto producer = graph.producer(value);
  if (!producer) return std::nullopt;
  const network::Node& node = graph.nodes[*producer];
  if (node.op != "DequantizeLinear") return std::nullopt;
  const Tensor* codes = graph.constant(node.inputs[0]);
  const Tensor* scales = graph.constant(node.inputs[1]);
  const Tensor* zero_points = graph.constant(node.inputs[2]);
  if (!codes || !scales || !zero_points) return std::nullopt;
  QuantizedConstant constant;
  constant.codes = *codes;
  constant.axis = scales->shape.empty() ? 0 : node.integer("axis", 1);
  for (std::int64_t i = 0; i < scales->size(); ++i) {
    constant.scales.push_back(scales->data<float>()[i]);
    constant.zero_points.push_back(zero_points->integer(zero_points->size() == 1 ? 0 : i));
  }
  return constant;
}

std::optional<Tensor> real_constant(const network::Graph& graph, const std::string& value) {
  if (const Tensor* constant = graph.constant(value)) return *constant;
  const auto constant = quantized_constant(graph, value);
  if (!constant) return std::nullopt;
  Tensor real = Tensor::zeros(ElementType::float32, constant->codes.shape);
  std::int64_t inner = 1;  // elements between two neighbours along the axis
  for (std::size_t i = static_cast<std::size_t>(constant->axis) + 1; i < real.shape.size(); ++i) inner *= real.shape[i];
  for (std::int64_t i = 0; i < real.size(); ++i) {
    const auto channel = static_cast<std::size_t>(
        constant->by_channel() ? i / inner % static_cast<std::int64_t>(constant->scales.size()) : 0);
    real.data<float>()[i] =
        static_cast<float>(constant->codes.integer(i) - constant->zero_points[channel]) * constant->scales[channel];
  }
  return real;
}

}  // namespace northpole::reference
