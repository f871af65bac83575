// Conv, Gemm and MatMul with constant weights, in float32.
#include <memory>

#include "network/error.h"
#include "reference/float_operators.h"
#include "reference/matrix_product.h"
#include "reference/windows.h"

namespace northpole::reference {
namespace {

using network::ElementType;
using network::Tensor;
using Inputs = std::vector<const Tensor*>;

const Tensor& constant_of(const network::Graph& graph, const network::Node& node, std::size_t input) {
  const Tensor* tensor = graph.constant(node.inputs[input]);
  if (!tensor || tensor->type != ElementType::float32) {
    throw Error(network::place(graph, node) + "input " + std::to_string(input) + " must be a float constant");
  }
  return *tensor;
}

const float* bias_of(const network::Graph& graph, const network::Node& node) {
  return node.inputs.size() > 2 && !node.inputs[2].empty() ? constant_of(graph, node, 2).data<float>() : nullptr;
}

FloatOperator make_convolution(const network::Graph& graph, const network::Node& node) {
  const Tensor& weights = constant_of(graph, node, 1);
  const Windows windows = windows_of(graph, node);
  const std::int64_t groups = node.integer("group", 1);
  const std::int64_t rows = weights.shape[0] / groups, channels = windows.channels / groups;
  const std::int64_t depth = channels * windows.window();
  auto matrices = std::make_shared<std::vector<WeightMatrix>>();
  for (std::int64_t group = 0; group < groups; ++group) {
    matrices->emplace_back(weights.data<float>() + group * rows * depth, rows, depth);
  }
  return [=, bias = bias_of(graph, node), shape = graph.values.at(node.outputs[0]).shape](const Inputs& inputs) {
    Tensor output = Tensor::zeros(ElementType::float32, shape);
    std::vector<float> panels(static_cast<std::size_t>(panel_size(depth, windows.output_plane())));
    for (std::int64_t picture = 0; picture < windows.batch; ++picture) {
      for (std::int64_t group = 0; group < groups; ++group) {
        gather_patches(windows, inputs[0]->data<float>() + (picture * groups + group) * channels * windows.plane(),
                       channels, panels.data());
        (*matrices)[static_cast<std::size_t>(group)].multiply(
            panels.data(), windows.output_plane(), bias ? bias + group * rows : nullptr,
            output.data<float>() + (picture * groups + group) * rows * windows.output_plane());
      }
    }
    return std::vector<Tensor>{std::move(output)};
  };
}

// x [..., in] times weights [in, out] (Gemm with transB: [out, in]).
FloatOperator make_matrix_product(const network::Graph& graph, const network::Node& node) {
  const Tensor& weights = constant_of(graph, node, 1);
  const bool transposed = node.op == "Gemm" && node.integer("transB", 0) != 0;
  const std::int64_t depth = weights.shape[transposed ? 1 : 0], outputs = weights.shape[transposed ? 0 : 1];
  std::vector<float> rows(static_cast<std::size_t>(outputs * depth));
  for (std::int64_t o = 0; o < outputs; ++o) {
    for (std::int64_t k = 0; k < depth; ++k) {
      rows[static_cast<std::size_t>(o * depth + k)] =
          weights.data<float>()[transposed ? o * depth + k : k * outputs + o];
    }
  }
  auto matrix = std::make_shared<WeightMatrix>(rows.data(), outputs, depth);
  return [=, bias = bias_of(graph, node), shape = graph.values.at(node.outputs[0]).shape](const Inputs& inputs) {
    const std::int64_t columns = inputs[0]->size() / depth;
    std::vector<float> panels(static_cast<std::size_t>(panel_size(depth, columns)));
    gather_rows(inputs[0]->data<float>(), columns, depth, panels.data());
    std::vector<float> product(static_cast<std::size_t>(outputs * columns));
    matrix->multiply(panels.data(), columns, bias, product.data());
    Tensor output = Tensor::zeros(ElementType::float32, shape);
    for (std::int64_t o = 0; o < outputs; ++o) {
      for (std::int64_t c = 0; c < columns; ++c) {
        output.data<float>()[c * outputs + o] = product[static_cast<std::size_t>(o * columns + c)];
      }
    }
    return std::vector<Tensor>{std::move(output)};
  };
}

}  // namespace

FloatOperator make_float_product(const network::Graph& graph, const network::Node& node) {
  if (node.op == "Conv") return make_convolution(graph, node);
  if (node.op == "Gemm" || node.op == "MatMul") return make_matrix_product(graph, node);
  return {};
}

}  // namespace northpole::reference
