#include "quantize/emit.h"

#include <algorithm>

#include "network/error.h"
#include "quantize/weights.h"

namespace northpole::quantize {

using network::ElementType;
using network::Graph;
using network::Node;
using network::Tensor;
using reference::Quantization;

namespace {

class Emitter {
 public:
  Emitter(const Graph& graph, const Points& points, const Decisions& decisions)
      : from_(graph), points_(points), decisions_(decisions) {
    to_.name = graph.name;
    to_.source = graph.source;
    to_.opset = std::max<std::int64_t>(graph.opset, 13);  // DequantizeLinear by channel
    to_.inputs = graph.inputs;
    to_.outputs = graph.outputs;
    to_.metadata = graph.metadata;
  }

  Graph emit() {
    for (const network::Port& port : from_.inputs) quantize(port.name, port.name);
    for (const Node& node : from_.nodes) copy(node);
    return std::move(to_);
  }

 private:
  void copy(const Node& node) {
    Node copied = node;
    for (std::string& input : copied.inputs) {
      if (auto found = dequantized_.find(input); found != dequantized_.end())
        input = found->second;
      else if (const Tensor* constant = from_.constant(input))
        to_.constants.try_emplace(input, *constant);
    }
    if (has_weights(node)) quantize_constants(node, copied);
    for (std::string& output : copied.outputs) {
      // A network output keeps its name behind the pair, so the operator's own output takes another.
      if (points_.quantized(output) && from_.is_output(output)) output = fresh(output + "_real");
    }
    to_.nodes.push_back(copied);
    for (std::size_t i = 0; i < node.outputs.size(); ++i) {
      if (points_.quantized(node.outputs[i])) quantize(node.outputs[i], copied.outputs[i]);
    }
  }

  // The pair behind `value` of the float network, which is called `real` here.
  void quantize(const std::string& value, const std::string& real) {
    const Quantization& quantization = decisions_.of(points_, value);
    const std::string codes = fresh(value + "_quantized");
    const bool is_input = real == value && !from_.producer(value);
    const std::string back = from_.is_output(value) && !is_input ? value : fresh(value + "_dequantized");
    const std::string scale = constant(value + "_scale", Tensor::of_floats({}, {quantization.scale}));
    const std::string zero_point =
        constant(value + "_zero_point", Tensor::of_integers(quantization.type, {}, {quantization.zero_point}));
    to_.nodes.push_back(
        {node_name(value + "_QuantizeLinear"), "QuantizeLinear", "", {real, scale, zero_point}, {codes}, {}});
    to_.nodes.push_back(
        {node_name(value + "_DequantizeLinear"), "DequantizeLinear", "", {codes, scale, zero_point}, {back}, {}});
    dequantized_[value] = back;
  }

  void quantize_constants(const Node& node, Node& copied) {
    const Tensor& weights = *from_.constant(node.inputs[1]);
    const std::int64_t axis = output_axis(node);
    const std::vector<float>& bias = decisions_.biases.at(node.name);
    const bool has_bias = std::any_of(bias.begin(), bias.end(), [](float b) { return b != 0; });
    const float input_scale = decisions_.of(points_, node.inputs[0]).scale;
    const QuantizedWeights& quantized = decisions_.weights.at(node.name);
    const network::Shape channels{static_cast<std::int64_t>(quantized.scales.size())};

    drop_unless_shared(copied.inputs[1]);
    copied.inputs[1] =
        dequantize(node.name + "_weights",
                   Tensor::of_integers(network::quantized_type(quantized.bits, true), weights.shape, quantized.codes),
                   Tensor::of_floats(channels, quantized.scales), axis);
    if (copied.inputs.size() > 2) drop_unless_shared(copied.inputs[2]);
    copied.inputs.resize(2);
    if (!has_bias) return;
    if (node.op == "MatMul") throw Error(network::place(from_, node) + "a MatMul cannot carry a bias");
    std::vector<float> bias_scales;
    for (float scale : quantized.scales) bias_scales.push_back(input_scale * scale);
    const Tensor codes = Tensor::of_integers(
        ElementType::int32, channels, quantize_bias(bias, input_scale, quantized.scales, network::place(from_, node)));
    copied.inputs.push_back(dequantize(node.name + "_bias", codes, Tensor::of_floats(channels, bias_scales), 0));
  }

  // A DequantizeLinear of a constant by channel; gives its output.
  std::string dequantize(const std::string& stem, const Tensor& codes, const Tensor& scales, std::int64_t axis) {
    const Tensor zero_points = Tensor::zeros(codes.type, scales.shape);
    const std::string value = fresh(stem + "_dequantized");
    to_.nodes.push_back({node_name(stem + "_DequantizeLinear"),
                         "DequantizeLinear",
                         "",
                         {constant(stem + "_quantized", codes), constant(stem + "_scale", scales),
                          constant(stem + "_zero_point", zero_points)},
                         {value},
                         {{"axis", axis}}});
    return value;
  }

  // Float constants that only weighted nodes read do not go into the quantized network.
  void drop_unless_shared(const std::string& constant) {
    for (std::size_t reader : from_.consumers(constant)) {
      const Node& node = from_.nodes[reader];
      if (!has_weights(node) || node.inputs[0] == constant) return;
    }
    to_.constants.erase(constant);
  }

  std::string constant(const std::string& stem, Tensor value) {
    const std::string name = fresh(stem);
    to_.constants[name] = std::move(value);
    return name;
  }

  // Names that neither network uses yet.
  std::string fresh(const std::string& stem) { return unused(stem, used_values_); }
  std::string node_name(const std::string& stem) { return unused(stem, used_nodes_); }

  static std::string unused(const std::string& stem, std::set<std::string>& used) {
    std::string name = stem;
    for (int i = 2; !used.insert(name).second; ++i) name = stem + "_" + std::to_string(i);
    return name;
  }

  std::set<std::string> all_values() const {
    std::set<std::string> names;
    for (const auto& [name, constant] : from_.constants) names.insert(name);
    for (const network::Port& port : from_.inputs) names.insert(port.name);
    for (const Node& node : from_.nodes) names.insert(node.outputs.begin(), node.outputs.end());
    return names;
  }
  std::set<std::string> all_nodes() const {
    std::set<std::string> names;
    for (const Node& node : from_.nodes) names.insert(node.name);
    return names;
  }

  const Graph& from_;
  const Points& points_;
  const Decisions& decisions_;
  Graph to_;
  std::map<std::string, std::string> dequantized_;  // value of the float network to its dequantized value
  std::set<std::string> used_values_ = all_values(), used_nodes_ = all_nodes();
};

}  // namespace

Graph emit(const Graph& graph, const Points& points, const Decisions& decisions) {
  return Emitter(graph, points, decisions).emit();
}

}  // namespace northpole::quantize
