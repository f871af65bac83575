#include "reference/float_operators.h"

#include <algorithm>
#include <cmath>

#include "network/error.h"
#include "reference/movement.h"

namespace northpole::reference {

using network::ElementType;
using network::Tensor;
using Inputs = std::vector<const Tensor*>;

FloatOperator make_float_operator(const network::Graph& graph, const network::Node& node) {
  for (auto make :
       {make_float_product, make_float_pool, make_float_elementwise, make_float_movement, make_float_decision}) {
    if (FloatOperator made = make(graph, node)) return made;
  }
  throw Error(network::place(graph, node) + "the reference interpreter does not know this operator");
}

FloatOperator make_float_movement(const network::Graph& graph, const network::Node& node) {
  if (!is_movement(node.op)) return {};
  return [movements = movements_of(graph, node), value = node.real("value", 0.0f)](const Inputs& inputs) {
    std::vector<std::pair<const float*, std::int64_t>> parts;
    for (const Tensor* input : inputs) parts.emplace_back(input->data<float>(), input->size());
    std::vector<Tensor> outputs;
    for (const Movement& movement : movements) {
      outputs.push_back(Tensor::zeros(ElementType::float32, movement.shape));
      movement.apply(parts, value, outputs.back().data<float>());
    }
    return outputs;
  };
}

namespace {

// A tensor seen as outer x axis x inner.
struct AroundAxis {
  std::int64_t outer = 1, size = 1, inner = 1;

  AroundAxis(const network::Shape& shape, std::int64_t axis) {
    for (std::int64_t i = 0; i < static_cast<std::int64_t>(shape.size()); ++i) {
      (i < axis ? outer : i == axis ? size : inner) *= shape[static_cast<std::size_t>(i)];
    }
  }
};

Tensor softmax(const Tensor& input, std::int64_t axis) {
  const AroundAxis around(input.shape, axis);
  Tensor output = Tensor::zeros(ElementType::float32, input.shape);
  for (std::int64_t o = 0; o < around.outer; ++o) {
    for (std::int64_t i = 0; i < around.inner; ++i) {
      const float* from = input.data<float>() + o * around.size * around.inner + i;
      float* to = output.data<float>() + o * around.size * around.inner + i;
      float largest = from[0];
      for (std::int64_t a = 1; a < around.size; ++a) largest = std::max(largest, from[a * around.inner]);
      float sum = 0;
      for (std::int64_t a = 0; a < around.size; ++a)
        sum += to[a * around.inner] = std::exp(from[a * around.inner] - largest);
      for (std::int64_t a = 0; a < around.size; ++a) to[a * around.inner] /= sum;
    }
  }
  return output;
}

Tensor argmax(const Tensor& input, std::int64_t axis, bool last, const network::Shape& shape) {
  const AroundAxis around(input.shape, axis);
  Tensor output = Tensor::zeros(ElementType::int64, shape);
  for (std::int64_t o = 0; o < around.outer; ++o) {
    for (std::int64_t i = 0; i < around.inner; ++i) {
      const float* from = input.data<float>() + o * around.size * around.inner + i;
      std::int64_t best = 0;
      for (std::int64_t a = 1; a < around.size; ++a) {
        const float value = from[a * around.inner], largest = from[best * around.inner];
        if (value > largest || (last && value == largest)) best = a;
      }
      output.data<std::int64_t>()[o * around.inner + i] = best;
    }
  }
  return output;
}

}  // namespace

FloatOperator make_float_decision(const network::Graph& graph, const network::Node& node) {
  const std::int64_t axis = node.integer("axis", 0);
  if (node.op == "Softmax") {
    return [axis](const Inputs& inputs) { return std::vector<Tensor>{softmax(*inputs[0], axis)}; };
  }
  if (node.op == "ArgMax") {
    return [axis, last = node.integer("select_last_index", 0) != 0, shape = graph.values.at(node.outputs[0]).shape](
               const Inputs& inputs) { return std::vector<Tensor>{argmax(*inputs[0], axis, last, shape)}; };
  }
  return {};
}

}  // namespace northpole::reference
