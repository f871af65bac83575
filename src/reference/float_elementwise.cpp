// Operators on one element, or on two that meet by broadcasting, in float32.
#include <algorithm>
#include <cmath>
#include <limits>

#include "reference/float_operators.h"
#include "reference/movement.h"

namespace northpole::reference {
namespace {

using network::ElementType;
using network::Shape;
using network::Tensor;
using Inputs = std::vector<const Tensor*>;

template <typename Function>
FloatOperator on_each(Function function) {
  return [function](const Inputs& inputs) {
    Tensor output = Tensor::zeros(ElementType::float32, inputs[0]->shape);
    const float* from = inputs[0]->data<float>();
    float* to = output.data<float>();
    for (std::int64_t i = 0, size = output.size(); i < size; ++i) to[i] = function(from[i]);
    return std::vector<Tensor>{std::move(output)};
  };
}

template <typename Function>
FloatOperator on_pairs(const network::Graph& graph, const network::Node& node, Function function) {
  const Shape shape = graph.values.at(node.outputs[0]).shape;
  const Shape &left = graph.values.at(node.inputs[0]).shape, &right = graph.values.at(node.inputs[1]).shape;
  if (left == shape && right == shape) {
    return [shape, function](const Inputs& inputs) {
      Tensor output = Tensor::zeros(ElementType::float32, shape);
      const float *a = inputs[0]->data<float>(), *b = inputs[1]->data<float>();
      float* to = output.data<float>();
      for (std::int64_t i = 0, size = output.size(); i < size; ++i) to[i] = function(a[i], b[i]);
      return std::vector<Tensor>{std::move(output)};
    };
  }
  return [shape, function, left = Broadcast(left, shape), right = Broadcast(right, shape)](const Inputs& inputs) {
    Tensor output = Tensor::zeros(ElementType::float32, shape);
    const float *a = inputs[0]->data<float>(), *b = inputs[1]->data<float>();
    float* to = output.data<float>();
    for (std::int64_t i = 0, size = output.size(); i < size; ++i) to[i] = function(a[left(i)], b[right(i)]);
    return std::vector<Tensor>{std::move(output)};
  };
}

float hard_sigmoid(float x, float alpha, float beta) { return std::clamp(alpha * x + beta, 0.0f, 1.0f); }

// For each element of the tensor, the index of its scale and zero point.
Broadcast scale_of_element(const network::Graph& graph, const network::Node& node) {
  const Shape& shape = graph.values.at(node.inputs[0]).shape;
  const Shape& scales = graph.values.at(node.inputs[1]).shape;
  if (scales.empty()) return Broadcast({}, shape);
  Shape along(shape.size(), 1);
  along[static_cast<std::size_t>(node.integer("axis", 1))] = scales[0];
  return Broadcast(along, shape);
}

// Codes of at most 8 bit occupy a byte, signed or not, and int32 biases four: Tensor knows how to read them.
FloatOperator make_dequantize(const network::Graph& graph, const network::Node& node) {
  return [scale = scale_of_element(graph, node)](const Inputs& inputs) {
    Tensor output = Tensor::zeros(ElementType::float32, inputs[0]->shape);
    for (std::int64_t i = 0, size = output.size(); i < size; ++i) {
      const std::int64_t code = inputs[0]->integer(i) - inputs[2]->integer(scale(i));
      output.data<float>()[i] = static_cast<float>(code) * inputs[1]->data<float>()[scale(i)];
    }
    return std::vector<Tensor>{std::move(output)};
  };
}

FloatOperator make_quantize(const network::Graph& graph, const network::Node& node) {
  const ElementType type = graph.values.at(node.outputs[0]).type;
  return [type, scale = scale_of_element(graph, node)](const Inputs& inputs) {
    const double lowest = network::lowest_code(type), highest = network::highest_code(type);
    std::vector<std::int64_t> codes(static_cast<std::size_t>(inputs[0]->size()));
    for (std::int64_t i = 0, size = inputs[0]->size(); i < size; ++i) {
      const float ratio = inputs[0]->data<float>()[i] / inputs[1]->data<float>()[scale(i)];
      const double code = std::nearbyint(ratio) + static_cast<double>(inputs[2]->integer(scale(i)));
      codes[static_cast<std::size_t>(i)] = static_cast<std::int64_t>(std::min(std::max(code, lowest), highest));
    }
    return std::vector<Tensor>{Tensor::of_integers(type, inputs[0]->shape, codes)};
  };
}

}  // namespace

FloatOperator make_float_elementwise(const network::Graph& graph, const network::Node& node) {
  constexpr float infinity = std::numeric_limits<float>::infinity();
  if (node.op == "Add") return on_pairs(graph, node, [](float a, float b) { return a + b; });
  if (node.op == "Sub") return on_pairs(graph, node, [](float a, float b) { return a - b; });
  if (node.op == "Mul") return on_pairs(graph, node, [](float a, float b) { return a * b; });
  if (node.op == "Relu") return on_each([](float x) { return std::max(x, 0.0f); });
  if (node.op == "Clip") {
    return on_each([low = node.real("min", -infinity), high = node.real("max", infinity)](float x) {
      return std::min(std::max(x, low), high);
    });
  }
  if (node.op == "LeakyRelu")
    return on_each([alpha = node.real("alpha", 0.01f)](float x) { return x < 0 ? alpha * x : x; });
  if (node.op == "Sigmoid") return on_each([](float x) { return 1.0f / (1.0f + std::exp(-x)); });
  if (node.op == "HardSigmoid") {
    return on_each([alpha = node.real("alpha", 0.2f), beta = node.real("beta", 0.5f)](float x) {
      return hard_sigmoid(x, alpha, beta);
    });
  }
  if (node.op == "HardSwish") return on_each([](float x) { return x * hard_sigmoid(x, 1.0f / 6.0f, 0.5f); });
  if (node.op == "QuantizeLinear") return make_quantize(graph, node);
  if (node.op == "DequantizeLinear") return make_dequantize(graph, node);
  return {};
}

}  // namespace northpole::reference
