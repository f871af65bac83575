#include "lower/quantization_of.h"

#include <cmath>

#include "network/error.h"

namespace northpole::lower {

using network::ElementType;
using network::Graph;
using network::Node;

namespace {

// 8 for types of more.
std::int32_t bits_of(ElementType type) {
  switch (type) {
    case ElementType::int4:
    case ElementType::uint4:
      return 4;
    case ElementType::int2:
    case ElementType::uint2:
      return 2;
    default:
      return 8;
  }
}

}  // namespace

Quantization activation_quantization(const Graph& graph, const Node& node) {
  const network::Tensor* scale = node.inputs.size() > 1 ? graph.constant(node.inputs[1]) : nullptr;
  const network::Tensor* zero = node.inputs.size() > 2 ? graph.constant(node.inputs[2]) : nullptr;
  if (scale == nullptr || zero == nullptr)
    throw Error(network::place(graph, node) + "its scale and zero point must be constants");
  if (scale->size() != 1 || zero->size() != 1)
    throw Error(network::place(graph, node) +
                "activations must have one scale and one zero point; quantize them by tensor");
  if (!network::is_quantized_type(zero->type))
    throw Error(network::place(graph, node) + "activations must be integers of 8, 4 or 2 bits, not " +
                std::string(network::element_name(zero->type)));
  Quantization result;
  result.scale = static_cast<float>(scale->number(0));
  result.zero_point = static_cast<std::int32_t>(zero->integer(0));
  result.is_signed = network::lowest_code(zero->type) < 0;
  result.bits = bits_of(zero->type);
  if (!(result.scale > 0) || !std::isfinite(result.scale))
    throw Error(network::place(graph, node) + "its scale must be positive and finite");
  return result;
}

std::optional<QuantizedConstant> quantized_constant(const Graph& graph, const std::string& value) {
  const auto producer = graph.producer(value);
  if (!producer) return std::nullopt;
  const Node& node = graph.nodes[*producer];
  if (node.op != "DequantizeLinear") return std::nullopt;
  const network::Tensor* codes = graph.constant(node.inputs[0]);
  if (codes == nullptr) return std::nullopt;
  const network::Tensor* scale = graph.constant(node.inputs[1]);
  const network::Tensor* zero =
      node.inputs.size() > 2 && !node.inputs[2].empty() ? graph.constant(node.inputs[2]) : nullptr;
  if (scale == nullptr) throw Error(network::place(graph, node) + "its scale must be a constant");
  QuantizedConstant result;
  result.shape = codes->shape;
  result.bits = bits_of(codes->type);
  result.axis = node.integer("axis", 1);
  if (result.axis < 0) result.axis += static_cast<std::int64_t>(codes->shape.size());
  for (std::int64_t i = 0; i < scale->size(); ++i) {
    result.scale.push_back(static_cast<float>(scale->number(i)));
    if (!(result.scale.back() > 0) || !std::isfinite(result.scale.back()))
      throw Error(network::place(graph, node) + "its scales must be positive and finite");
  }
  const std::int64_t inner = [&] {
    std::int64_t product = 1;
    for (std::size_t i = static_cast<std::size_t>(result.axis) + 1; i < codes->shape.size(); ++i)
      product *= codes->shape[i];
    return product;
  }();
  const std::int64_t along =
      codes->shape.empty()
          ? 1
          : codes->shape[std::min<std::size_t>(static_cast<std::size_t>(result.axis), codes->shape.size() - 1)];
  if ((scale->size() != 1 && scale->size() != along) || (zero != nullptr && zero->size() != 1 && zero->size() != along))
    throw Error(network::place(graph, node) + "it needs one scale, or one for each index of its axis");
  result.values.resize(static_cast<std::size_t>(codes->size()));
  for (std::int64_t i = 0; i < codes->size(); ++i) {
    const std::int64_t offset = zero == nullptr ? 0 : zero->integer(zero->size() == 1 ? 0 : i / inner % along);
    result.values[static_cast<std::size_t>(i)] = static_cast<std::int32_t>(codes->integer(i) - offset);
  }
  return result;
}

std::optional<FloatConstant> float_constant(const Graph& graph, const std::string& value) {
  FloatConstant result;
  if (const network::Tensor* plain = graph.constant(value)) {
    result.shape = plain->shape;
    for (std::int64_t i = 0; i < plain->size(); ++i) result.values.push_back(static_cast<float>(plain->number(i)));
    return result;
  }
  const auto quantized = quantized_constant(graph, value);
  if (!quantized) return std::nullopt;
  result.shape = quantized->shape;
  std::int64_t inner = 1;
  for (std::size_t i = static_cast<std::size_t>(quantized->axis) + 1; i < quantized->shape.size(); ++i)
    inner *= quantized->shape[i];
  for (std::size_t i = 0; i < quantized->values.size(); ++i) {
    const std::int64_t index = quantized->scale.size() == 1 ? 0
                                                            : static_cast<std::int64_t>(i) / inner %
                                                                  static_cast<std::int64_t>(quantized->scale.size());
    result.values.push_back(static_cast<float>(quantized->values[i]) * quantized->scale_at(index));
  }
  return result;
}

}  // namespace northpole::lower
