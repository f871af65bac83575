#include "generate/network_builder.h"

#include <cmath>
#include <numbers>
#include <utility>

#include "data/picture_transform.h"
#include "generate/random_weights.h"
#include "network/infer_shapes.h"

namespace northpole::generate {

namespace {

using Integers = std::vector<std::int64_t>;

constexpr double bias_deviation = 0.1;

}  // namespace

NetworkBuilder::NetworkBuilder(std::string name, std::uint64_t seed, std::int64_t channels, std::int64_t side)
    : seed_(seed), input_{"picture", channels, side, false} {
  const network::Shape shape = {1, channels, side, side};
  graph_.name = std::move(name);
  graph_.opset = 17;
  graph_.inputs = {{input_.name, network::ElementType::float32, shape}};
  graph_.metadata["northpole.picture"] = data::to_json(data::default_transform(shape));
}

Value NetworkBuilder::node(const std::string& name, const std::string& op, std::vector<std::string> inputs,
                           Value output, std::map<std::string, network::Attribute> attributes) {
  graph_.nodes.push_back({name, op, "", std::move(inputs), {name}, std::move(attributes)});
  output.name = name;
  return output;
}

// A rectified normal number has the variance 1/2 - 1/(2 pi) of the number before; weights that add up to zero for each
// output keep its mean out, as batch normalisation would. Nine depthwise weights cannot do without their sum, so they
// see mean and variance, 1/2 together.
std::vector<std::string> NetworkBuilder::weights(const std::string& name, const Value& value,
                                                 const network::Shape& shape, double gain) {
  const std::int64_t terms = network::element_count(shape) / shape[0];
  const bool balanced = value.rectified && terms > 9;
  const double variance = !value.rectified ? 1.0 : balanced ? 0.5 - 0.5 / std::numbers::pi : 0.5;
  const double deviation = gain / std::sqrt(static_cast<double>(terms) * variance);
  graph_.constants[name + ".weight"] = random_tensor(seed_, name + ".weight", shape, deviation, balanced);
  graph_.constants[name + ".bias"] = random_tensor(seed_, name + ".bias", {shape[0]}, bias_deviation);
  return {value.name, name + ".weight", name + ".bias"};
}

Value NetworkBuilder::convolution(const std::string& name, const Value& value, const Convolution& layer) {
  const std::int64_t groups = layer.depthwise ? layer.channels : 1;
  const std::int64_t padding = layer.kernel / 2;
  const std::int64_t side = (value.side + 2 * padding - layer.kernel) / layer.stride + 1;
  return node(name, "Conv",
              weights(name, value, {layer.channels, value.channels / groups, layer.kernel, layer.kernel}, layer.gain),
              {"", layer.channels, side, false},
              {{"kernel_shape", Integers{layer.kernel, layer.kernel}},
               {"strides", Integers{layer.stride, layer.stride}},
               {"pads", Integers(4, padding)},
               {"group", groups}});
}

Value NetworkBuilder::relu(const std::string& name, const Value& value) {
  return node(name, "Relu", {value.name}, {"", value.channels, value.side, true});
}

Value NetworkBuilder::leaky_relu(const std::string& name, const Value& value) {
  return node(name, "LeakyRelu", {value.name}, {"", value.channels, value.side, true}, {{"alpha", 0.1f}});
}

Value NetworkBuilder::relu6(const std::string& name, const Value& value) {
  graph_.constants["zero"] = network::Tensor::of_floats({}, {0});
  graph_.constants["six"] = network::Tensor::of_floats({}, {6});
  return node(name, "Clip", {value.name, "zero", "six"}, {"", value.channels, value.side, true});
}

Value NetworkBuilder::add(const std::string& name, const Value& left, const Value& right) {
  return node(name, "Add", {left.name, right.name}, {"", left.channels, left.side, false});
}

Value NetworkBuilder::pool(const std::string& name, const Value& value, std::int64_t kernel, std::int64_t stride,
                           const Integers& pads) {
  const std::int64_t side = (value.side + pads[0] + pads[2] - kernel) / stride + 1;
  return node(name, "MaxPool", {value.name}, {"", value.channels, side, value.rectified},
              {{"kernel_shape", Integers{kernel, kernel}}, {"strides", Integers{stride, stride}}, {"pads", pads}});
}

Value NetworkBuilder::max_pool(const std::string& name, const Value& value, std::int64_t kernel, std::int64_t stride,
                               std::int64_t padding) {
  return pool(name, value, kernel, stride, Integers(4, padding));
}

Value NetworkBuilder::max_pool_of_every_two(const std::string& name, const Value& value) {
  return pool(name, value, 2, 1, {0, 0, 1, 1});
}

Value NetworkBuilder::upsample(const std::string& name, const Value& value) {
  graph_.constants["twice"] = network::Tensor::of_floats({4}, {1, 1, 2, 2});
  return node(name, "Resize", {value.name, "", "twice"}, {"", value.channels, 2 * value.side, value.rectified},
              {{"mode", std::string("nearest")},
               {"coordinate_transformation_mode", std::string("asymmetric")},
               {"nearest_mode", std::string("floor")}});
}

Value NetworkBuilder::concatenate(const std::string& name, const Value& first, const Value& second) {
  return node(name, "Concat", {first.name, second.name},
              {"", first.channels + second.channels, first.side, first.rectified && second.rectified},
              {{"axis", std::int64_t{1}}});
}

Value NetworkBuilder::global_average(const std::string& name, const Value& value) {
  return node(name, "GlobalAveragePool", {value.name}, {"", value.channels, 1, value.rectified});
}

Value NetworkBuilder::flatten(const std::string& name, const Value& value) {
  return node(name, "Flatten", {value.name}, {"", value.channels * value.side * value.side, 1, value.rectified},
              {{"axis", std::int64_t{1}}});
}

Value NetworkBuilder::fully_connected(const std::string& name, const Value& value, std::int64_t outputs) {
  return node(name, "Gemm", weights(name, value, {outputs, value.channels}, 1), {"", outputs, 1, false},
              {{"transB", std::int64_t{1}}});
}

network::Graph NetworkBuilder::finish(const std::vector<Value>& outputs) && {
  for (const Value& output : outputs) graph_.outputs.push_back({output.name, network::ElementType::float32, {}});
  network::infer_shapes(graph_);  // of the outputs
  graph_.values.clear();
  return std::move(graph_);
}

}  // namespace northpole::generate
