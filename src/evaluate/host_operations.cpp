#include "evaluate/host_operations.h"

#include <fmt/format.h>

#include <algorithm>

#include "network/error.h"
#include "reference/float_operators.h"

namespace northpole::evaluate {
namespace {

using network::Tensor;

std::size_t resolved_axis(const program::HostOperation& operation, const Tensor& values) {
  const auto rank = static_cast<std::int64_t>(values.shape.size());
  const std::int64_t axis = operation.axis < 0 ? operation.axis + rank : operation.axis;
  if (axis < 0 || axis >= rank)
    throw Error(fmt::format("host operation {}: axis {} of {}", operation.op, operation.axis,
                            network::to_string(values.shape)));
  return static_cast<std::size_t>(axis);
}

// The reference's own Softmax, so that the host's share is the same whoever did the rest.
Tensor softmax(const Tensor& values, std::size_t axis) {
  network::Graph graph;
  network::Node node;
  node.name = node.op = "Softmax";
  node.inputs = {"values"};
  node.outputs = {"shares"};
  node.attributes["axis"] = static_cast<std::int64_t>(axis);
  graph.values["values"] = {"values", values.type, values.shape};
  graph.values["shares"] = {"shares", values.type, values.shape};
  return reference::make_float_operator(graph, node)({&values}).front();
}

[[noreturn]] void misfit(const program::HostOperation& operation, const Tensor& values) {
  throw Error(fmt::format("host operation {}: {} constants do not fit values of shape {}", operation.op,
                          operation.values.size(), network::to_string(values.shape)));
}

// compute(value, constant), the constants standing along the operation's axis.
template <typename Compute>
void by_channel(const program::HostOperation& operation, Tensor& values, Compute compute) {
  std::int64_t inner = 1, count = 1;
  if (operation.values.size() != 1) {
    const std::size_t axis = resolved_axis(operation, values);
    count = values.shape[axis];
    if (count != static_cast<std::int64_t>(operation.values.size())) misfit(operation, values);
    for (std::size_t i = axis + 1; i < values.shape.size(); ++i) inner *= values.shape[i];
  }
  for (std::int64_t i = 0; i < values.size(); ++i) {
    float& value = values.data<float>()[i];
    value = compute(value, operation.values[static_cast<std::size_t>(i / inner % count)]);
  }
}

void multiply_matrix(const program::HostOperation& operation, Tensor& values) {
  const auto depth = static_cast<std::size_t>(values.shape.empty() ? 0 : values.shape.back());
  if (depth == 0 || operation.values.size() % depth != 0 || operation.values.empty()) misfit(operation, values);
  const std::size_t columns = operation.values.size() / depth, rows = static_cast<std::size_t>(values.size()) / depth;
  network::Shape shape = values.shape;
  shape.back() = static_cast<std::int64_t>(columns);
  Tensor result = Tensor::zeros(values.type, shape);
  for (std::size_t row = 0; row < rows; ++row)
    for (std::size_t column = 0; column < columns; ++column) {
      float sum = 0;
      for (std::size_t k = 0; k < depth; ++k)
        sum += values.data<float>()[row * depth + k] * operation.values[k * columns + column];
      result.data<float>()[row * columns + column] = sum;
    }
  values = std::move(result);
}

}  // namespace

void apply(const program::HostOperation& operation, Tensor& values) {
  if (operation.op == "Softmax") values = softmax(values, resolved_axis(operation, values));
  if (operation.op == "Mul")
    by_channel(operation, values, [](float value, float constant) { return value * constant; });
  if (operation.op == "Add")
    by_channel(operation, values, [](float value, float constant) { return value + constant; });
  if (operation.op == "MatMul") multiply_matrix(operation, values);
  if (operation.op == "Clip") {
    if (operation.values.size() != 2) misfit(operation, values);
    for (std::int64_t i = 0; i < values.size(); ++i) {
      float& value = values.data<float>()[i];
      value = std::min(std::max(value, operation.values[0]), operation.values[1]);
    }
  }
}

}  // namespace northpole::evaluate
