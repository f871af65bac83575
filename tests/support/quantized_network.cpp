#include "support/quantized_network.h"

#include "network/infer_shapes.h"

namespace northpole::reference {

using network::ElementType;
using network::Shape;
using network::Tensor;

namespace {

std::vector<std::int64_t> wide(const std::vector<int>& codes) { return {codes.begin(), codes.end()}; }

}  // namespace

std::string QuantizedNetwork::activation(Shape shape, const Quantization& quantization, const Codes& codes) {
  const std::string name = fresh("input");
  given_[name] = Tensor::of_integers(quantization.type, shape, wide(codes));
  graph.inputs.push_back({name, quantization.type, shape});
  const std::string scale = constant(Tensor::of_floats({}, {quantization.scale}));
  const std::string zero_point = constant(Tensor::of_integers(quantization.type, {}, {quantization.zero_point}));
  return node("DequantizeLinear", {name, scale, zero_point});
}

std::string QuantizedNetwork::input(Shape shape, const std::vector<float>& values) {
  const std::string name = fresh("input");
  given_[name] = Tensor::of_floats(shape, values);
  graph.inputs.push_back({name, ElementType::float32, shape});
  return name;
}

std::string QuantizedNetwork::constant(const Tensor& tensor) {
  const std::string name = fresh("constant");
  graph.constants[name] = tensor;
  return name;
}

std::string QuantizedNetwork::weights(const Tensor& codes, const std::vector<float>& scales, std::int64_t axis,
                                      const std::vector<std::int64_t>& zero_points) {
  const Shape shape = scales.size() == 1 ? Shape{} : Shape{static_cast<std::int64_t>(scales.size())};
  const std::vector<std::int64_t> zeros(scales.size(), 0);
  const std::string scale = constant(Tensor::of_floats(shape, scales));
  const std::string zero_point =
      constant(Tensor::of_integers(codes.type, shape, zero_points.empty() ? zeros : zero_points));
  return node("DequantizeLinear", {constant(codes), scale, zero_point}, {{"axis", axis}});
}

std::string QuantizedNetwork::node(const std::string& op, std::vector<std::string> inputs, Attributes attributes,
                                   int outputs) {
  network::Node made{fresh("node"), op, "", std::move(inputs), {}, std::move(attributes)};
  for (int i = 0; i < outputs; ++i) made.outputs.push_back(fresh("value"));
  graph.nodes.push_back(made);
  return made.outputs[0];
}

std::string QuantizedNetwork::quantize(const std::string& value, const Quantization& quantization) {
  const std::string scale = constant(Tensor::of_floats({}, {quantization.scale}));
  const std::string zero_point = constant(Tensor::of_integers(quantization.type, {}, {quantization.zero_point}));
  const std::string quantized = node("QuantizeLinear", {value, scale, zero_point});
  return dequantized_[quantized] = node("DequantizeLinear", {quantized, scale, zero_point});
}

void QuantizedNetwork::output(const std::string& value) { graph.outputs.push_back({value, ElementType::float32, {}}); }

network::Graph QuantizedNetwork::finished() const {
  network::Graph copy = graph;
  copy.source = "test.onnx";
  network::infer_shapes(copy);
  for (network::Port& port : copy.outputs) port = copy.values.at(port.name);
  return copy;
}

std::map<std::string, Tensor> QuantizedNetwork::run(Precision precision) {
  codes.clear();
  return QuantizedInterpreter(finished(), precision)
      .run(given_, [&](const std::string& name, const QuantizedTensor& value) {
        auto found = dequantized_.find(name);
        if (found != dequantized_.end()) codes[found->second] = Codes(value.codes.begin(), value.codes.end());
      });
}

QuantizedNetwork::Codes codes_of(QuantizedNetwork& network, const std::string& value, const Quantization& quantization,
                                 Precision precision) {
  const std::string quantized = network.quantize(value, quantization);
  network.output(quantized);
  network.run(precision);
  return network.codes.at(quantized);
}

QuantizedNetwork::Attributes window(std::vector<std::int64_t> kernel, std::vector<std::int64_t> strides,
                                    std::vector<std::int64_t> pads, std::vector<std::int64_t> dilations) {
  return {{"kernel_shape", std::move(kernel)},
          {"strides", std::move(strides)},
          {"pads", std::move(pads)},
          {"dilations", std::move(dilations)}};
}

}  // namespace northpole::reference
