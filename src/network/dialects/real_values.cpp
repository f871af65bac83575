#include "network/dialects/real_values.h"

#include "network/error.h"

namespace northpole::network {
namespace {

const Node* dequantizer_of(const Graph& graph, const std::string& value) {
  const auto producer = graph.producer(value);
  if (!producer || graph.nodes[*producer].op != "DequantizeLinear") return nullptr;
  return &graph.nodes[*producer];
}

}  // namespace

std::optional<IntegerConstant> integer_constant_of(const Graph& graph, const std::string& value) {
  const Node* node = dequantizer_of(graph, value);
  if (node == nullptr) return std::nullopt;
  const Tensor* codes = graph.constant(node->inputs.at(0));
  const Tensor* scales = graph.constant(node->inputs.at(1));
  const bool has_zero = node->inputs.size() > 2 && !node->inputs[2].empty();
  const Tensor* zeros = has_zero ? graph.constant(node->inputs[2]) : nullptr;
  if (codes == nullptr || scales == nullptr || scales->type != ElementType::float32 || (has_zero && zeros == nullptr))
    return std::nullopt;
  IntegerConstant result;
  result.codes = *codes;
  const auto rank = static_cast<std::int64_t>(codes->shape.size());
  result.axis = node->integer("axis", 1);
  if (result.axis < 0) result.axis += rank;
  const std::int64_t count = scales->size();
  if (count != 1 &&
      (result.axis < 0 || result.axis >= rank || codes->shape[static_cast<std::size_t>(result.axis)] != count))
    return std::nullopt;  // refused where pairs are checked
  if (zeros != nullptr && zeros->size() != count && zeros->size() != 1) return std::nullopt;
  for (std::int64_t i = 0; i < count; ++i) {
    result.scales.push_back(static_cast<float>(scales->number(i)));
    result.zero_points.push_back(zeros == nullptr ? 0 : zeros->integer(zeros->size() == 1 ? 0 : i));
  }
  std::int64_t inner = 1;
  for (std::int64_t i = result.axis + 1; count > 1 && i < rank; ++i) inner *= codes->shape[static_cast<std::size_t>(i)];
  for (std::int64_t i = 0; i < codes->size(); ++i)
    result.numbers.push_back(codes->integer(i) -
                             result.zero_points[count == 1 ? 0 : static_cast<std::size_t>(i / inner % count)]);
  return result;
}

std::optional<RealConstant> real_constant_of(const Graph& graph, const std::string& value) {
  RealConstant result;
  if (const Tensor* tensor = graph.constant(value)) {
    result.shape = tensor->shape;
    for (std::int64_t i = 0; i < tensor->size(); ++i) result.values.push_back(tensor->number(i));
    return result;
  }
  const auto constant = integer_constant_of(graph, value);
  if (!constant) return std::nullopt;
  result.shape = constant->codes.shape;
  std::int64_t inner = 1;
  for (std::size_t i = static_cast<std::size_t>(constant->axis) + 1; i < result.shape.size(); ++i)
    inner *= result.shape[i];
  const auto count = static_cast<std::int64_t>(constant->scales.size());
  for (std::size_t i = 0; i < constant->numbers.size(); ++i)
    result.values.push_back(static_cast<double>(constant->numbers[i]) *
                            static_cast<double>(constant->scale_of(static_cast<std::int64_t>(i) / inner % count)));
  return result;
}

bool only_moves(const Node& node) {
  if (!node.domain.empty()) return false;
  for (const char* op :
       {"Reshape", "Flatten", "Squeeze", "Unsqueeze", "Transpose", "Slice", "Split", "Identity", "Dropout"})
    if (node.op == op) return true;
  return false;
}

std::optional<CodesOf> codes_of_activation(const Graph& graph, std::string value) {
  for (;;) {
    const auto producer = graph.producer(value);
    if (!producer) return std::nullopt;
    const Node& node = graph.nodes[*producer];
    if (only_moves(node)) {
      value = node.inputs.at(0);
      continue;
    }
    if (node.op != "DequantizeLinear" || !node.domain.empty() || graph.constant(node.inputs.at(0))) return std::nullopt;
    const Tensor* scale = graph.constant(node.inputs.at(1));
    const Tensor* zero = node.inputs.size() > 2 ? graph.constant(node.inputs[2]) : nullptr;
    const auto codes = graph.values.find(node.inputs[0]);
    if (scale == nullptr || scale->size() != 1 || scale->type != ElementType::float32 || codes == graph.values.end() ||
        !is_quantized_type(codes->second.type) || (zero != nullptr && zero->size() != 1))
      return std::nullopt;
    return CodesOf{codes->second.type, scale->data<float>()[0], zero == nullptr ? 0 : zero->integer(0)};
  }
}

}  // namespace northpole::network
