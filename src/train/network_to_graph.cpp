#include "train/network_to_graph.h"

#include <string>
#include <vector>

#include "data/class_names.h"
#include "data/picture_transform.h"
#include "train/digits.h"

namespace northpole::train {

namespace {

using Attributes = std::map<std::string, network::Attribute>;
using Integers = std::vector<std::int64_t>;

network::Tensor constant(const torch::Tensor& tensor) {
  const torch::Tensor values = tensor.detach().to(torch::kFloat32).contiguous();
  const float* first = values.data_ptr<float>();
  return network::Tensor::of_floats(values.sizes().vec(), std::vector<float>(first, first + values.numel()));
}

class GraphBuilder {
 public:
  // Appends a node; its only output has the node's name.
  std::string add(const std::string& name, const std::string& op, std::vector<std::string> inputs,
                  Attributes attributes = {}) {
    graph.nodes.push_back({name, op, "", std::move(inputs), {name}, std::move(attributes)});
    return name;
  }

  std::string add(const std::string& name, NormalisedConvolution& layer, const std::string& input) {
    const auto& options = layer->convolution->options;
    const auto& normalisation = layer->normalisation;
    // In double, so that folding adds one rounding and not four.
    const torch::Tensor factor =
        normalisation->weight.to(torch::kFloat64) /
        torch::sqrt(normalisation->running_var.to(torch::kFloat64) + normalisation->options.eps());
    const torch::Tensor weight = layer->convolution->weight.to(torch::kFloat64) * factor.reshape({-1, 1, 1, 1});
    const torch::Tensor bias =
        normalisation->bias.to(torch::kFloat64) - normalisation->running_mean.to(torch::kFloat64) * factor;
    graph.constants[name + ".weight"] = constant(weight);
    graph.constants[name + ".bias"] = constant(bias);
    const std::int64_t kernel = options.kernel_size()->at(0);
    const std::int64_t stride = options.stride()->at(0);
    return add(name, "Conv", {input, name + ".weight", name + ".bias"},
               {{"kernel_shape", Integers{kernel, kernel}},
                {"strides", Integers{stride, stride}},
                {"pads", Integers(4, kernel / 2)}});
  }

  std::string add(const std::string& name, ResidualBlock& block, const std::string& input) {
    const std::string first = add(name + ".first", block->first, input);
    const std::string middle = add(name + ".first.relu", "Relu", {first});
    const std::string branch = add(name + ".second", block->second, middle);
    const std::string shortcut = block->shortcut ? add(name + ".shortcut", block->shortcut, input) : input;
    return add(name + ".relu", "Relu", {add(name + ".sum", "Add", {branch, shortcut})});
  }

  network::Graph graph;
};

}  // namespace

network::Graph network_to_graph(DigitNetwork& network) {
  const torch::NoGradGuard no_gradients;
  GraphBuilder builder;
  network::Graph& graph = builder.graph;
  graph.name = "mnist-resnet";
  graph.inputs = {{"picture", network::ElementType::float32, {1, 1, 28, 28}}};

  std::string value = builder.add("stem.relu", "Relu", {builder.add("stem", network->stem, "picture")});
  for (std::size_t index = 0; index < network->blocks.size(); ++index) {
    value = builder.add("block" + std::to_string(index + 1), network->blocks[index], value);
  }
  value = builder.add("average", "GlobalAveragePool", {value});
  value = builder.add("flatten", "Flatten", {value}, {{"axis", std::int64_t{1}}});
  graph.constants["classifier.weight"] = constant(network->classifier->weight);
  graph.constants["classifier.bias"] = constant(network->classifier->bias);
  value = builder.add("scores", "Gemm", {value, "classifier.weight", "classifier.bias"}, {{"transB", std::int64_t{1}}});

  graph.outputs = {{value, network::ElementType::float32, {1, 10}}};
  graph.metadata["northpole.picture"] = data::to_json(digit_transform());
  graph.metadata["northpole.classes"] =
      data::class_names_to_json({"0", "1", "2", "3", "4", "5", "6", "7", "8", "9"});
  return graph;
}

}  // namespace northpole::train
