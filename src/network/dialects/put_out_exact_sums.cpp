#include <algorithm>
#include <optional>

#include "network/add_constant.h"
#include "network/dialects/dialects.h"
#include "network/dialects/linear_source.h"
#include "network/host_share.h"
#include "network/node_view.h"

namespace northpole::network {
namespace {

constexpr std::int64_t code_span = 255;   // of the codes 0 .. 255
constexpr std::int64_t most_parts = 128;  // codes for one sum

struct Output {
  LinearSource source;
  std::int64_t least = 0, largest = 0;  // sums
  std::int64_t parts = 1;               // codes of a sum
};

// The layer's product with weights of the graph, each column `parts` times, one part behind the other.
class SumLayer {
 public:
  SumLayer(Graph& graph, const Node& node, const Output& output)
      : graph_(graph), node_(node), source_(output.source), output_(output), stem_(node.outputs.at(0)) {}

  // A sum is least + the sum of its codes, of which code k holds what it has between 255 k and 255 (k + 1) above that.
  std::vector<Node> nodes() {
    const bool one = output_.parts == 1 && output_.least >= -128 && output_.largest <= 127;
    const Port shape = graph_.values.at(stem_);
    std::string real = layer(one);
    const std::int64_t base = one ? 0 : output_.least;
    if (output_.parts > 1) real = sum_of_parts(real, shape);
    if (base != 0) real = add("Add", real, numbers({static_cast<double>(base)}), shape);
    real = add("Mul", real, numbers(source_.unit), shape);
    if (std::any_of(source_.bias.begin(), source_.bias.end(), [](double b) { return b != 0; }))
      real = add("Add", real, numbers(source_.bias), shape);
    nodes_.back().outputs[0] = stem_;
    return std::move(nodes_);
  }

 private:
  std::string constant(const std::string& what, Tensor tensor) {
    return add_constant(graph_, stem_ + "_" + what, std::move(tensor));
  }
  std::string value(const std::string& what, ElementType type, const Shape& shape) {
    return add_value(graph_, stem_ + "_" + what, {"", type, shape});
  }
  std::string add(const std::string& op, const std::string& real, const std::string& operand, const Port& shape) {
    const std::string output = value(op, ElementType::float32, shape.shape);
    nodes_.push_back({node_.name + "_" + op, op, "", {real, operand}, {output}, {}});
    return output;
  }

  // One number, or one for each output channel where it differs.
  std::string numbers(const std::vector<double>& values) {
    const bool equal = std::all_of(values.begin(), values.end(), [&](double v) { return v == values[0]; });
    std::vector<float> floats(values.begin(), equal ? values.begin() + 1 : values.end());
    Shape shape;
    if (!equal) {
      shape = {source_.outputs};
      if (source_.op == "Conv") shape = {source_.outputs, 1, 1};
    }
    return constant("constant", Tensor::of_floats(shape, floats));
  }

  // Codes, as the numbers that they are: the multiplier is 1.
  std::string layer(bool is_signed) {
    const std::int64_t parts = output_.parts, outputs = source_.outputs * parts;
    std::vector<std::int64_t> weights;
    Shape shape = source_.weight_shape;
    if (source_.op == "Conv") {
      weights = source_.weights;
    } else {
      shape = {shape[0], outputs};
      for (std::int64_t k = 0; k < shape[0]; ++k)
        for (std::int64_t part = 0; part < parts; ++part)
          weights.insert(weights.end(), source_.weights.begin() + k * source_.outputs,
                         source_.weights.begin() + (k + 1) * source_.outputs);
    }
    const auto [low, high] = std::minmax_element(weights.begin(), weights.end());
    const ElementType type = *low >= -2 && *high <= 1       ? ElementType::int2
                             : *low >= -8 && *high <= 7     ? ElementType::int4
                             : *low >= -128 && *high <= 127 ? ElementType::int8
                                                            : ElementType::uint8;
    const std::int64_t zero = type == ElementType::uint8 ? -*low : 0;
    for (std::int64_t& weight : weights) weight += zero;
    const std::string one = constant("one", Tensor::of_floats({}, {1.0F}));
    const std::string w = value("weights", ElementType::float32, shape);
    nodes_.push_back({node_.name + "_weights",
                      "DequantizeLinear",
                      "",
                      {constant("codes", Tensor::of_integers(type, shape, weights)), one,
                       constant("zero_point", Tensor::of_integers(type, {}, {zero}))},
                      {w},
                      {}});
    Node product{node_.name, source_.op == "Conv" ? "Conv" : "Gemm", "", {source_.input, w}, {}, source_.attributes};
    const std::string step = constant("step", Tensor::of_floats({}, {source_.codes.scale}));
    if (!is_signed) product.inputs.push_back(bias(outputs, step));
    Shape result = graph_.values.at(stem_).shape;
    result[1] = outputs;
    const ElementType code = is_signed ? ElementType::int8 : ElementType::uint8;
    product.outputs = {value("sums", ElementType::float32, result)};
    const std::string sums = product.outputs[0], codes = value("output_codes", code, result);
    nodes_.push_back(std::move(product));
    const std::string code_zero = constant("code_zero_point", Tensor::zeros(code, {}));
    nodes_.push_back({node_.name + "_quantize", "QuantizeLinear", "", {sums, step, code_zero}, {codes}, {}});
    const std::string real = value("numbers", ElementType::float32, result);
    nodes_.push_back({node_.name + "_dequantize", "DequantizeLinear", "", {codes, one, code_zero}, {real}, {}});
    return real;
  }

  std::string bias(std::int64_t outputs, const std::string& step) {
    std::vector<std::int64_t> codes;
    for (std::int64_t i = 0; i < outputs; ++i) codes.push_back(-(output_.least + code_span * (i / source_.outputs)));
    const std::string real = value("bias", ElementType::float32, {outputs});
    nodes_.push_back({node_.name + "_bias",
                      "DequantizeLinear",
                      "",
                      {constant("bias_codes", Tensor::of_integers(ElementType::int32, {outputs}, codes)), step,
                       constant("bias_zero_point", Tensor::zeros(ElementType::int32, {}))},
                      {real},
                      {}});
    return real;
  }

  std::string sum_of_parts(const std::string& real, const Port& shape) {
    const std::int64_t outputs = source_.outputs;
    Tensor matrix = Tensor::zeros(ElementType::float32, {outputs * output_.parts, outputs});
    for (std::int64_t row = 0; row < matrix.shape[0]; ++row) matrix.data<float>()[row * outputs + row % outputs] = 1;
    return add("MatMul", real, constant("sum", std::move(matrix)), shape);
  }

  Graph& graph_;
  const Node& node_;
  const LinearSource& source_;
  const Output& output_;
  const std::string stem_;
  std::vector<Node> nodes_;
};

std::optional<Output> output_of(const Graph& graph, const Node& node) {
  if (node.op != "Conv" && node.op != "Gemm" && node.op != "MatMul") return std::nullopt;
  const std::string& value = node.outputs.at(0);
  if (!only_host_reads(graph, value)) return std::nullopt;
  auto source = linear_source_of(graph, value);
  if (!source) return std::nullopt;
  Output output{std::move(*source)};
  for (const auto& range : output.source.ranges()) {
    output.least = std::min(output.least, range.least);
    output.largest = std::max(output.largest, range.largest);
  }
  const bool one = output.least >= -128 && output.largest <= 127;
  const std::int64_t span = output.largest - output.least;
  output.parts = one ? 1 : std::max<std::int64_t>(1, (span + code_span - 1) / code_span);
  const NodeView view(graph, node);
  const bool scores = output.source.op == "MatMul" && graph.values.at(value).shape.size() == 2;
  if (!scores && output.source.op == "MatMul") return std::nullopt;  // refused where products are checked
  if (output.parts > (scores ? most_parts : 1))
    view.fail("its sums reach from " + std::to_string(output.least) + " to " + std::to_string(output.largest) +
              " and become the network's output without a quantizer; export the network with its output quantized, too "
              "(Brevitas: an output_quant; ONNX Runtime: do not exclude the last layer)");
  return output;
}

}  // namespace

bool put_out_exact_sums(Graph& graph) {
  for (std::size_t i = 0; i < graph.nodes.size(); ++i) {
    const Node node = graph.nodes[i];
    if (!node.domain.empty()) continue;
    const auto output = at_node(graph, node, [&] { return output_of(graph, node); });
    if (!output) continue;
    const std::vector<Node> nodes = SumLayer(graph, node, *output).nodes();
    const auto place = graph.nodes.begin() + static_cast<std::ptrdiff_t>(i);
    graph.nodes.insert(graph.nodes.erase(place), nodes.begin(), nodes.end());
    return true;
  }
  return false;
}

}  // namespace northpole::network
