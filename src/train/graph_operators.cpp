#include "train/graph_operators.h"

#include <torch/nn/functional.h>

#include <functional>
#include <limits>
#include <map>

#include "network/error.h"

namespace northpole::train {

namespace {

using network::Graph;
using network::Node;
using torch::Tensor;
using Tensors = std::vector<Tensor>;
using Integers = std::vector<std::int64_t>;

// A node with the graph that it stands in, for messages.
struct Place {
  const Graph& graph;
  const Node& node;

  [[noreturn]] void refuse(const std::string& what) const {
    throw Error(network::place(graph, node) + "cannot be trained: " + what);
  }
  void keep_pictures_apart(bool apart) const {
    if (!apart) refuse("it mixes the pictures of a batch");
  }
};

// Padding in the order of the graph (top, left, bottom, right) put around the picture, where it is more than the
// operator itself can pad.
Tensor padded(const Tensor& input, const Integers& pads, double value) {
  return torch::constant_pad_nd(input, {pads[1], pads[3], pads[0], pads[2]}, value);
}

bool is_even(const Integers& pads) { return pads[0] == pads[2] && pads[1] == pads[3]; }

Tensor convolved(const Node& node, const Tensors& inputs) {
  const Integers pads = node.integers("pads", {0, 0, 0, 0});
  const bool even = is_even(pads);
  const Tensor input = even ? inputs[0] : padded(inputs[0], pads, 0);
  const Integers padding = even ? Integers{pads[0], pads[1]} : Integers{0, 0};
  return torch::conv2d(input, inputs[1], inputs.size() > 2 ? inputs[2] : Tensor(), node.integers("strides", {1, 1}),
                       padding, node.integers("dilations", {1, 1}), node.integer("group", 1));
}

Tensor max_pooled(const Node& node, const Tensor& input) {
  const Tensor around = padded(input, node.integers("pads", {0, 0, 0, 0}), -std::numeric_limits<double>::infinity());
  return torch::max_pool2d(around, node.integers("kernel_shape", {}), node.integers("strides", {1, 1}), {0, 0},
                           node.integers("dilations", {1, 1}));
}

Tensor average_pooled(const Place& place, const Tensor& input) {
  const Node& node = place.node;
  if (node.integers("dilations", {1, 1}) != Integers{1, 1}) place.refuse("a dilated average");
  const Integers pads = node.integers("pads", {0, 0, 0, 0});
  const auto sums = [&](const Tensor& of) {
    return torch::avg_pool2d(padded(of, pads, 0), node.integers("kernel_shape", {}), node.integers("strides", {1, 1}),
                             {0, 0}, false, true, 1);
  };
  if (node.integer("count_include_pad", 0) != 0 || pads == Integers(4, 0)) {
    const Integers kernel = node.integers("kernel_shape", {});
    return sums(input) / static_cast<double>(kernel[0] * kernel[1]);
  }
  return sums(input) / sums(torch::ones({1, 1, input.size(2), input.size(3)}));
}

Tensor sliced(const Place& place, Tensor input) {
  const Node& node = place.node;
  const Integers axes = node.integers("axes", {}), starts = node.integers("starts", {});
  const Integers ends = node.integers("ends", {}), steps = node.integers("steps", {});
  for (std::size_t i = 0; i < axes.size(); ++i) {
    place.keep_pictures_apart(axes[i] != 0);
    input = input.slice(axes[i], starts[i], ends[i], steps[i]);
  }
  return input;
}

Tensor padded_everywhere(const Place& place, const Tensor& input) {
  const Integers pads = place.node.integers("pads", {});
  const std::size_t rank = pads.size() / 2;
  place.keep_pictures_apart(pads[0] == 0 && pads[rank] == 0);
  Integers from_the_last;
  for (std::size_t axis = rank; axis-- > 0;) {
    from_the_last.push_back(pads[axis]);
    from_the_last.push_back(pads[axis + rank]);
  }
  return torch::constant_pad_nd(input, from_the_last, place.node.real("value", 0));
}

Tensor reshaped(const Place& place, const Tensor& input) {
  const network::Shape& from = place.graph.values.at(place.node.inputs[0]).shape;
  network::Shape to = place.graph.values.at(place.node.outputs[0]).shape;
  place.keep_pictures_apart(!from.empty() && !to.empty() && from[0] == 1 && to[0] == 1);
  to[0] = input.size(0);
  return input.reshape(to);
}

Tensor resized(const Node& node, const Tensor& input) {
  const auto index = [&](const char* name) { return torch::tensor(node.integers(name, {})); };
  return input.index_select(2, index("height_index")).index_select(3, index("width_index"));
}

Tensor mean(const Place& place, const Tensor& input) {
  const Integers axes = place.node.integers("axes", {});
  for (const std::int64_t axis : axes) place.keep_pictures_apart(axis != 0);
  return input.mean(axes, place.node.integer("keepdims", 1) != 0);
}

Tensor clamped(const Node& node, const Tensor& input) {
  Tensor result = input;
  if (node.has("min")) result = result.clamp_min(node.real("min", 0));
  if (node.has("max")) result = result.clamp_max(node.real("max", 0));
  return result;
}

Tensor hard_sigmoid(const Tensor& input, double alpha, double beta) { return (input * alpha + beta).clamp(0, 1); }

using Run = std::function<Tensor(const Place&, const Tensors&)>;

const std::map<std::string, Run>& one_output() {
  static const std::map<std::string, Run> known = {
      {"Conv", [](const Place& p, const Tensors& in) { return convolved(p.node, in); }},
      {"Gemm",
       [](const Place& p, const Tensors& in) {
         if (p.node.integer("transB", 0) != 0) p.refuse("its weights are turned");
         const Tensor product = torch::matmul(in[0], in[1]);
         return in.size() > 2 ? product + in[2] : product;
       }},
      {"MatMul", [](const Place&, const Tensors& in) { return torch::matmul(in[0], in[1]); }},
      {"MaxPool", [](const Place& p, const Tensors& in) { return max_pooled(p.node, in[0]); }},
      {"AveragePool", [](const Place& p, const Tensors& in) { return average_pooled(p, in[0]); }},
      {"GlobalAveragePool",
       [](const Place&, const Tensors& in) {
         return in[0].mean({2, 3}, true);
       }},
      {"ReduceMean", [](const Place& p, const Tensors& in) { return mean(p, in[0]); }},
      {"Add", [](const Place&, const Tensors& in) { return in[0] + in[1]; }},
      {"Sub", [](const Place&, const Tensors& in) { return in[0] - in[1]; }},
      {"Mul", [](const Place&, const Tensors& in) { return in[0] * in[1]; }},
      {"Relu", [](const Place&, const Tensors& in) { return torch::relu(in[0]); }},
      {"Clip", [](const Place& p, const Tensors& in) { return clamped(p.node, in[0]); }},
      {"LeakyRelu",
       [](const Place& p, const Tensors& in) { return torch::leaky_relu(in[0], p.node.real("alpha", 0.01F)); }},
      {"Sigmoid", [](const Place&, const Tensors& in) { return torch::sigmoid(in[0]); }},
      {"HardSigmoid",
       [](const Place& p, const Tensors& in) {
         return hard_sigmoid(in[0], p.node.real("alpha", 0.2F), p.node.real("beta", 0.5F));
       }},
      {"HardSwish", [](const Place&, const Tensors& in) { return in[0] * hard_sigmoid(in[0], 1.0 / 6, 0.5); }},
      {"Softmax", [](const Place& p, const Tensors& in) { return torch::softmax(in[0], p.node.integer("axis", -1)); }},
      {"Concat",
       [](const Place& p, const Tensors& in) {
         p.keep_pictures_apart(p.node.integer("axis", 0) != 0);
         return torch::cat(in, p.node.integer("axis", 0));
       }},
      {"Slice", [](const Place& p, const Tensors& in) { return sliced(p, in[0]); }},
      {"Pad", [](const Place& p, const Tensors& in) { return padded_everywhere(p, in[0]); }},
      {"Reshape", [](const Place& p, const Tensors& in) { return reshaped(p, in[0]); }},
      {"Resize", [](const Place& p, const Tensors& in) { return resized(p.node, in[0]); }},
      {"Transpose",
       [](const Place& p, const Tensors& in) {
         const Integers permutation = p.node.integers("perm", {});
         p.keep_pictures_apart(!permutation.empty() && permutation[0] == 0);
         return in[0].permute(permutation);
       }},
      {"Identity", [](const Place&, const Tensors& in) { return in[0]; }},
  };
  return known;
}

}  // namespace

std::vector<Tensor> run_operator(const Graph& graph, const Node& node, const std::vector<Tensor>& inputs) {
  const Place place{graph, node};
  if (node.op == "Split") {
    place.keep_pictures_apart(node.integer("axis", 0) != 0);
    return inputs[0].split_with_sizes(node.integers("split", {}), node.integer("axis", 0));
  }
  const auto found = one_output().find(node.op);
  if (found == one_output().end()) place.refuse("this operator is not known to the trainer");
  return {found->second(place, inputs)};
}

Tensor to_torch(const network::Tensor& tensor) {
  if (tensor.type != network::ElementType::float32) throw Error("the trainer takes constants of float32 alone");
  return torch::from_blob(const_cast<std::uint8_t*>(tensor.bytes.data()), tensor.shape, torch::kFloat32).clone();
}

}  // namespace northpole::train
