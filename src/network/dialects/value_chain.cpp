#include "network/dialects/value_chain.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>

#include "network/dialects/real_values.h"
#include "network/node_view.h"

namespace northpole::network {
namespace {

constexpr double infinite = std::numeric_limits<double>::infinity();

// The constant as one number, or one for each index of the axis of `shape`; nothing where it stands otherwise.
std::optional<std::vector<double>> along(const RealConstant& constant, const Shape& shape, std::int64_t axis) {
  if (constant.values.size() == 1 && constant.shape.size() <= shape.size()) return constant.values;
  if (axis < 0) axis += static_cast<std::int64_t>(shape.size());
  const auto before = static_cast<std::int64_t>(shape.size()) - static_cast<std::int64_t>(constant.shape.size());
  if (before < 0 || axis < before) return std::nullopt;
  for (std::int64_t i = 0; i < static_cast<std::int64_t>(constant.shape.size()); ++i)
    if (constant.shape[static_cast<std::size_t>(i)] != (i + before == axis ? shape[static_cast<std::size_t>(axis)] : 1))
      return std::nullopt;
  return constant.values;
}

std::optional<ChainStep> arithmetic(const Graph& graph, const Node& node, std::int64_t axis, std::string& value) {
  const auto first = real_constant_of(graph, node.inputs.at(0)), second = real_constant_of(graph, node.inputs.at(1));
  if (first.has_value() == second.has_value() || (first && node.op == "Div")) return std::nullopt;
  value = node.inputs[first ? 1 : 0];
  const Shape& shape = graph.values.at(value).shape;
  if (graph.values.at(node.outputs[0]).shape != shape) return std::nullopt;
  const auto numbers = along(first ? *first : *second, shape, axis);
  if (!numbers) return std::nullopt;
  ChainStep step{{1}, {0}, -infinite, infinite};
  if (node.op == "Mul") step.scale = *numbers;
  if (node.op == "Add") step.offset = *numbers;
  if (node.op == "Div" || node.op == "Sub") {
    (node.op == "Div" ? step.scale : step.offset) = *numbers;
    for (double& number : node.op == "Div" ? step.scale : step.offset) number = node.op == "Div" ? 1 / number : -number;
  }
  if (first && node.op == "Sub") {
    step.offset = *numbers;
    step.scale = {-1};
  }
  return step;
}

std::optional<ChainStep> normalization(const Graph& graph, const Node& node, std::int64_t axis, std::string& value) {
  value = node.inputs.at(0);
  const auto rank = static_cast<std::int64_t>(graph.values.at(value).shape.size());
  if ((axis < 0 ? axis + rank : axis) != 1 || node.integer("training_mode", 0) != 0 || node.integer("spatial", 1) == 0)
    return std::nullopt;
  const NodeView view(graph, node);
  std::vector<const Tensor*> constants;
  for (std::size_t i = 1; i < 5; ++i) {
    constants.push_back(view.constant(i));
    if (constants.back() == nullptr || constants.back()->size() != view.shape(0)[1]) return std::nullopt;
  }
  ChainStep step{{}, {}, -infinite, infinite};
  for (std::int64_t c = 0; c < constants[0]->size(); ++c) {
    const double variance = constants[3]->number(c) + static_cast<double>(node.real("epsilon", 1e-5F));
    if (!(variance > 0)) return std::nullopt;  // refused by name where it is folded
    step.scale.push_back(constants[0]->number(c) / std::sqrt(variance));
    step.offset.push_back(constants[1]->number(c) - constants[2]->number(c) * step.scale.back());
  }
  return step;
}

std::optional<ChainStep> step_of(const Graph& graph, const Node& node, std::int64_t axis, std::string& value) {
  if (!node.domain.empty() || node.inputs.empty()) return std::nullopt;
  const NodeView view(graph, node);
  ChainStep step{{1}, {0}, -infinite, infinite};
  value = node.inputs[0];
  if (node.op == "Relu") {
    step.low = 0;
    return step;
  }
  if (node.op == "Clip") {
    if (const auto low = view.real("min", 1)) step.low = static_cast<double>(*low);
    if (const auto high = view.real("max", 2)) step.high = static_cast<double>(*high);
    if (!(step.low <= step.high)) return std::nullopt;
    return step;
  }
  if (node.op == "BatchNormalization") return normalization(graph, node, axis, value);
  if (node.op == "Add" || node.op == "Sub" || node.op == "Mul" || node.op == "Div")
    return arithmetic(graph, node, axis, value);
  return std::nullopt;
}

double of(const std::vector<double>& numbers, std::size_t channel) {
  return numbers[numbers.size() == 1 ? 0 : channel];
}

}  // namespace

double ValueChain::at(std::size_t channel, double value) const {
  for (const ChainStep& step : steps)
    value = std::clamp(value * of(step.scale, channel) + of(step.offset, channel), step.low, step.high);
  return value;
}

std::size_t ValueChain::affine_steps() const {
  return static_cast<std::size_t>(
      std::count_if(steps.begin(), steps.end(), [](const ChainStep& step) { return step.is_affine; }));
}

double ValueChain::slope(std::size_t channel) const {
  double result = 1;
  for (const ChainStep& step : steps) result *= of(step.scale, channel);
  return result;
}

double ValueChain::intercept(std::size_t channel) const {
  double result = 0;
  for (const ChainStep& step : steps) result = result * of(step.scale, channel) + of(step.offset, channel);
  return result;
}

ValueChain chain_before(const Graph& graph, const std::string& value, std::int64_t axis) {
  ValueChain chain;
  chain.source = value;
  while (const auto producer = graph.producer(chain.source)) {
    const Node& node = graph.nodes[*producer];
    std::string before;
    auto step = step_of(graph, node, axis, before);
    if (!step) break;
    for (const auto* numbers : {&step->scale, &step->offset})
      for (const double number : *numbers)
        if (!std::isfinite(number))
          NodeView(graph, node).fail("one of its constants is not finite, or zero where it divides");
    step->is_affine = node.op != "Relu" && node.op != "Clip";
    chain.steps.insert(chain.steps.begin(), std::move(*step));
    chain.source = before;
  }
  return chain;
}

}  // namespace northpole::network
