#include "support/definition.h"

#include <algorithm>
#include <cmath>
#include <stdexcept>

#include "network/fold_constants.h"
#include "network/topology.h"

namespace northpole::tests {
namespace {

using network::Node;
using network::Shape;
using Inputs = std::vector<const RealTensor*>;

RealTensor real(const network::Tensor& tensor) {
  RealTensor result{tensor.shape, {}};
  for (std::int64_t i = 0; i < tensor.size(); ++i) result.values.push_back(tensor.number(i));
  return result;
}

// Element of a tensor that is broadcast to `to`, at the flat index of `to`.
double broadcast(const RealTensor& from, const Shape& to, std::int64_t index) {
  std::int64_t at = 0, stride = 1, inner = 1;
  for (std::size_t i = 0; i < to.size(); ++i) {
    const std::size_t axis = to.size() - 1 - i;
    const std::int64_t place = index / inner % to[axis];
    inner *= to[axis];
    if (i >= from.shape.size()) continue;
    const std::int64_t size = from.shape[from.shape.size() - 1 - i];
    if (size != 1) at += place * stride;
    stride *= size;
  }
  return from.values[static_cast<std::size_t>(at)];
}

template <typename Compute>
RealTensor each(const Inputs& inputs, Compute compute) {
  Shape shape;
  for (const RealTensor* input : inputs) {
    Shape padded = input->shape;
    if (padded.size() < shape.size()) padded.insert(padded.begin(), shape.size() - padded.size(), 1);
    if (shape.size() < padded.size()) shape.insert(shape.begin(), padded.size() - shape.size(), 1);
    for (std::size_t i = 0; i < shape.size(); ++i) shape[i] = std::max(shape[i], padded[i]);
  }
  RealTensor result{shape, {}};
  std::vector<double> arguments(inputs.size());
  for (std::int64_t i = 0; i < network::element_count(shape); ++i) {
    for (std::size_t k = 0; k < inputs.size(); ++k) arguments[k] = broadcast(*inputs[k], shape, i);
    result.values.push_back(compute(arguments));
  }
  return result;
}

double rounded(const std::string& mode, double value) {
  if (mode == "FLOOR") return std::floor(value);
  if (mode == "CEIL") return std::ceil(value);
  if (mode == "ROUND") return value - std::remainder(value, 1.0);  // halves to even
  throw std::runtime_error("rounding mode " + mode);
}

RealTensor quant(const Node& node, const Inputs& inputs) {
  const std::string mode = node.text("rounding_mode", "ROUND");
  const bool is_signed = node.integer("signed", 1) != 0, narrow = node.integer("narrow", 0) != 0;
  return each(inputs, [&](const std::vector<double>& a) {
    const double x = a[0], scale = a[1], zero = a[2], bits = a[3];
    double q = x / scale + zero;
    if (bits == 1 && is_signed) return (q >= 0 ? 1 : -1) * scale;
    const double lowest = is_signed ? -std::exp2(bits - 1) + (narrow ? 1 : 0) : 0;
    const double highest = is_signed ? std::exp2(bits - 1) - 1 : std::exp2(bits) - (narrow ? 2 : 1);
    q = rounded(mode, std::min(std::max(q, lowest), highest));
    return (q - zero) * scale;
  });
}

RealTensor trunc(const Node& node, const Inputs& inputs) {
  const std::string mode = node.text("rounding_mode", "FLOOR");
  return each(inputs, [&](const std::vector<double>& a) {
    const double whole = rounded("ROUND", a[0] / a[1] + a[2]);
    return (rounded(mode, whole / std::exp2(a[3] - a[4])) - a[2]) * a[1];
  });
}

RealTensor convolution(const Node& node, const Inputs& inputs) {
  const RealTensor &x = *inputs[0], &w = *inputs[1];
  const auto strides = node.integers("strides", {1, 1}), pads = node.integers("pads", {0, 0, 0, 0}),
             dilations = node.integers("dilations", {1, 1});
  const std::int64_t groups = node.integer("group", 1), outputs = w.shape[0], depth = w.shape[1];
  const auto size = [&](std::size_t axis) {
    return (x.shape[axis + 2] + pads[axis] + pads[axis + 2] - (w.shape[axis + 2] - 1) * dilations[axis] - 1) /
               strides[axis] +
           1;
  };
  RealTensor result{{1, outputs, size(0), size(1)}, {}};
  for (std::int64_t o = 0; o < outputs; ++o)
    for (std::int64_t y = 0; y < size(0); ++y)
      for (std::int64_t z = 0; z < size(1); ++z) {
        double sum = inputs.size() > 2 ? inputs[2]->values[static_cast<std::size_t>(o)] : 0;
        for (std::int64_t c = 0; c < depth; ++c)
          for (std::int64_t r = 0; r < w.shape[2]; ++r)
            for (std::int64_t s = 0; s < w.shape[3]; ++s) {
              const std::int64_t row = y * strides[0] + r * dilations[0] - pads[0],
                                 column = z * strides[1] + s * dilations[1] - pads[1];
              if (row < 0 || column < 0 || row >= x.shape[2] || column >= x.shape[3]) continue;
              const std::int64_t channel = o / (outputs / groups) * depth + c;
              sum += x.values[static_cast<std::size_t>((channel * x.shape[2] + row) * x.shape[3] + column)] *
                     w.values[static_cast<std::size_t>(((o * depth + c) * w.shape[2] + r) * w.shape[3] + s)];
            }
        result.values.push_back(sum);
      }
  return result;
}

// Windows without padding.
RealTensor pool(const Node& node, const Inputs& inputs) {
  const RealTensor& x = *inputs[0];
  const bool global = node.op == "GlobalAveragePool", largest = node.op == "MaxPool";
  const auto kernel = global ? std::vector<std::int64_t>{x.shape[2], x.shape[3]} : node.integers("kernel_shape", {});
  const auto strides = node.integers("strides", {1, 1});
  const std::int64_t height = (x.shape[2] - kernel[0]) / strides[0] + 1,
                     width = (x.shape[3] - kernel[1]) / strides[1] + 1;
  RealTensor result{{1, x.shape[1], height, width}, {}};
  for (std::int64_t c = 0; c < x.shape[1]; ++c)
    for (std::int64_t y = 0; y < height; ++y)
      for (std::int64_t z = 0; z < width; ++z) {
        double sum = 0, most = -1e300;
        for (std::int64_t r = 0; r < kernel[0]; ++r)
          for (std::int64_t s = 0; s < kernel[1]; ++s) {
            const double value = x.values[static_cast<std::size_t>((c * x.shape[2] + y * strides[0] + r) * x.shape[3] +
                                                                   z * strides[1] + s)];
            sum += value;
            most = std::max(most, value);
          }
        result.values.push_back(largest ? most : sum / static_cast<double>(kernel[0] * kernel[1]));
      }
  return result;
}

RealTensor product(const Node& node, const Inputs& inputs) {
  const RealTensor &a = *inputs[0], &b = *inputs[1];
  const bool turned = node.op == "Gemm" && node.integer("transB", 0) != 0;
  const std::int64_t depth = a.shape.back(), columns = b.shape[turned ? 0 : 1];
  RealTensor result{a.shape, {}};
  result.shape.back() = columns;
  for (std::int64_t row = 0; row < static_cast<std::int64_t>(a.values.size()) / depth; ++row)
    for (std::int64_t column = 0; column < columns; ++column) {
      double sum = inputs.size() > 2 ? inputs[2]->values[static_cast<std::size_t>(column)] : 0;
      for (std::int64_t k = 0; k < depth; ++k)
        sum += a.values[static_cast<std::size_t>(row * depth + k)] *
               b.values[static_cast<std::size_t>(turned ? column * depth + k : k * columns + column)];
      result.values.push_back(sum);
    }
  return result;
}

RealTensor normalization(const Node& node, const Inputs& inputs) {
  RealTensor result = *inputs[0];
  const auto channels = static_cast<std::size_t>(result.shape[1]);
  const std::size_t inner = result.values.size() / channels;
  const double epsilon = static_cast<double>(node.real("epsilon", 1e-5F));
  for (std::size_t i = 0; i < result.values.size(); ++i) {
    const std::size_t c = i / inner;
    result.values[i] =
        (result.values[i] - inputs[3]->values[c]) / std::sqrt(inputs[4]->values[c] + epsilon) * inputs[1]->values[c] +
        inputs[2]->values[c];
  }
  return result;
}

RealTensor computed(const network::Graph& graph, const Node& node, const Inputs& inputs) {
  const std::string& op = node.op;
  if (op == "Quant") return quant(node, inputs);
  if (op == "Trunc") return trunc(node, inputs);
  if (op == "BipolarQuant")
    return each(inputs, [](const std::vector<double>& a) { return (a[0] >= 0 ? 1 : -1) * a[1]; });
  if (op == "Sign")
    return each(inputs, [](const std::vector<double>& a) { return static_cast<double>((a[0] > 0) - (a[0] < 0)); });
  if (op == "Conv") return convolution(node, inputs);
  if (op == "MatMul" || op == "Gemm") return product(node, inputs);
  if (op == "MaxPool" || op == "AveragePool" || op == "GlobalAveragePool") return pool(node, inputs);
  if (op == "BatchNormalization") return normalization(node, inputs);
  if (op == "Add") return each(inputs, [](const std::vector<double>& a) { return a[0] + a[1]; });
  if (op == "Sub") return each(inputs, [](const std::vector<double>& a) { return a[0] - a[1]; });
  if (op == "Mul") return each(inputs, [](const std::vector<double>& a) { return a[0] * a[1]; });
  if (op == "Div") return each(inputs, [](const std::vector<double>& a) { return a[0] / a[1]; });
  if (op == "Relu") return each(inputs, [](const std::vector<double>& a) { return std::max(a[0], 0.0); });
  if (op == "Reshape" || op == "Flatten") return {graph.values.at(node.outputs[0]).shape, inputs[0]->values};
  if (op == "Transpose" && inputs[0]->shape.size() == 2) {
    const Shape& shape = inputs[0]->shape;
    RealTensor result{{shape[1], shape[0]}, std::vector<double>(inputs[0]->values.size())};
    for (std::int64_t i = 0; i < shape[0]; ++i)
      for (std::int64_t j = 0; j < shape[1]; ++j)
        result.values[static_cast<std::size_t>(j * shape[0] + i)] =
            inputs[0]->values[static_cast<std::size_t>(i * shape[1] + j)];
    return result;
  }
  throw std::runtime_error("the definition does not know " + node.described());
}

}  // namespace

Definition::Definition(network::Graph graph) : graph_(std::move(graph)) {
  network::sort_topologically(graph_);
  network::fold_constants(graph_);
  for (const auto& [name, tensor] : graph_.constants) constants_[name] = real(tensor);
  // What hangs on constants alone (quantized weights) is computed once.
  std::vector<Node> left;
  for (const Node& node : graph_.nodes) {
    Inputs inputs;
    for (const std::string& input : node.inputs)
      if (!input.empty() && constants_.count(input) != 0) inputs.push_back(&constants_.at(input));
    if (inputs.size() == node.inputs.size())
      constants_[node.outputs[0]] = computed(graph_, node, inputs);
    else
      left.push_back(node);
  }
  graph_.nodes = std::move(left);
}

std::map<std::string, RealTensor> Definition::run(const RealTensor& input) const {
  std::map<std::string, RealTensor> values{{graph_.inputs.at(0).name, input}};
  for (const Node& node : graph_.nodes) {
    Inputs inputs;
    for (const std::string& name : node.inputs) {
      const auto constant = constants_.find(name);
      inputs.push_back(constant != constants_.end() ? &constant->second : &values.at(name));
    }
    if (node.op == "Reshape") inputs.resize(1);
    values[node.outputs[0]] = computed(graph_, node, inputs);
  }
  return values;
}

}  // namespace northpole::tests
