#include "network/operators.h"

#include <algorithm>
#include <array>

#include "network/dialects/quantizer.h"
#include "network/error.h"
#include "network/text.h"

namespace northpole::network {
namespace {

constexpr std::string_view where_constant = "on constants only";

// Sorted by place, then name; the tests hold it to that.
constexpr auto table = std::to_array<Operator>({
    {"AveragePool", Place::matrix_unit,
     "2-D; padding only with count_include_pad = 1, and then no ceil_mode that reaches over it"},
    {"Conv", Place::matrix_unit, "2-D; constant weights; any stride, padding, dilation and group"},
    {"Gemm", Place::matrix_unit,
     "constant B and C; transA = 0 or a Transpose before it; alpha and beta 1 where B is quantized"},
    {"GlobalAveragePool", Place::matrix_unit, "2-D"},
    {"MatMul", Place::matrix_unit, "one vector (batch 1) by a constant matrix"},
    {"ReduceMean", Place::matrix_unit, "over height and width (axes 2 and 3)"},

    {"Add", Place::vector_unit,
     "two tensors of one shape or one of them a single position, or a tensor and a constant: a number or one by "
     "channel"},
    {"Clip", Place::vector_unit, "constant bounds"},
    {"HardSigmoid", Place::vector_unit, ""},
    {"HardSwish", Place::vector_unit, ""},
    {"LeakyRelu", Place::vector_unit, ""},
    {"MaxPool", Place::vector_unit, "2-D; only the values, not the indices"},
    {"Mul", Place::vector_unit, "as Add"},
    {"Relu", Place::vector_unit, ""},
    {"Sigmoid", Place::vector_unit, ""},
    {"Sub", Place::vector_unit, "as Add; the constant may be on either side"},

    {"Concat", Place::moved, "by channel"},
    {"Flatten", Place::moved, ""},
    {"Identity", Place::moved, ""},
    {"Pad", Place::moved, "constant padding; negative pads cut"},
    {"Reshape", Place::moved, "constant shape; between channels and positions only before a matrix product"},
    {"Resize", Place::moved, "nearest, of height and width, by constant scales or sizes; not tf_crop_and_resize"},
    {"Slice", Place::moved, "constant, forwards"},
    {"Split", Place::moved, "constant sizes"},
    {"Squeeze", Place::moved, "constant axes"},
    {"Transpose", Place::moved, "of channels among themselves (shuffles), or before a matrix product"},
    {"Unsqueeze", Place::moved, "constant axes"},

    {"DequantizeLinear", Place::quantization,
     "constant scale and zero point; activations of 8, 4 or 2 bit by tensor, weights of 8, 4 or 2 bit by tensor or "
     "output channel, biases int32"},
    {"QuantizeLinear", Place::quantization, "constant scale and zero point, by tensor; 8, 4 or 2 bit"},

    {"ArgMax", Place::host, "at the network's end"},
    {"Softmax", Place::host, "at the network's end; over one axis"},

    {"Abs", Place::folded, where_constant},
    {"And", Place::folded, where_constant},
    {"BatchNormalization", Place::folded, "into the Conv or Gemm before it, else into Mul and Add"},
    {"Cast", Place::folded, "on constants, or from float to float"},
    {"Ceil", Place::folded, where_constant},
    {"Constant", Place::folded, "numbers only"},
    {"ConstantOfShape", Place::folded, where_constant},
    {"Div", Place::folded, "by a float constant: becomes Mul"},
    {"Dropout", Place::folded, "as in inference: removed"},
    {"Equal", Place::folded, where_constant},
    {"Exp", Place::folded, where_constant},
    {"Expand", Place::folded, where_constant},
    {"Floor", Place::folded, where_constant},
    {"Gather", Place::folded, where_constant},
    {"GlobalMaxPool", Place::folded, "becomes MaxPool"},
    {"Greater", Place::folded, where_constant},
    {"GreaterOrEqual", Place::folded, where_constant},
    {"Less", Place::folded, where_constant},
    {"LessOrEqual", Place::folded, where_constant},
    {"Log", Place::folded, where_constant},
    {"Max", Place::folded, "of a tensor and one constant number: becomes Clip"},
    {"Min", Place::folded, "of a tensor and one constant number: becomes Clip"},
    {"Mod", Place::folded, where_constant},
    {"Neg", Place::folded, where_constant},
    {"Not", Place::folded, where_constant},
    {"Or", Place::folded, where_constant},
    {"PRelu", Place::folded, "with one constant slope: becomes LeakyRelu"},
    {"Pow", Place::folded, where_constant},
    {"Range", Place::folded, where_constant},
    {"Reciprocal", Place::folded, where_constant},
    {"ReduceMax", Place::folded, where_constant},
    {"ReduceMin", Place::folded, where_constant},
    {"ReduceProd", Place::folded, where_constant},
    {"ReduceSum", Place::folded, where_constant},
    {"Round", Place::folded, where_constant},
    {"Shape", Place::folded, "always: shapes are fixed"},
    {"Size", Place::folded, "always: shapes are fixed"},
    {"Sqrt", Place::folded, where_constant},
    {"Sum", Place::folded, "becomes Adds"},
    {"Tile", Place::folded, where_constant},
    {"Upsample", Place::folded, "as Resize"},
    {"Where", Place::folded, where_constant},

    {"BipolarQuant", Place::dialect, "QONNX; of constants, or behind a sum of products of quantized numbers"},
    {"ConvInteger", Place::dialect, "of codes; the float operators behind it carry the scales"},
    {"MatMulInteger", Place::dialect, "as ConvInteger"},
    {"MatMulIntegerToFloat", Place::dialect, "com.microsoft; constant scales"},
    {"QGemm", Place::dialect, "com.microsoft; alpha 1"},
    {"QLinearAdd", Place::dialect, "com.microsoft"},
    {"QLinearAveragePool", Place::dialect, "com.microsoft; channels first, as AveragePool"},
    {"QLinearConcat", Place::dialect, "com.microsoft; as Concat"},
    {"QLinearConv", Place::dialect, "also com.microsoft, channels first; as Conv"},
    {"QLinearGlobalAveragePool", Place::dialect, "com.microsoft; channels first"},
    {"QLinearLeakyRelu", Place::dialect, "com.microsoft"},
    {"QLinearMatMul", Place::dialect, "as MatMul"},
    {"QLinearMul", Place::dialect, "com.microsoft"},
    {"QLinearReduceMean", Place::dialect, "com.microsoft; as ReduceMean"},
    {"QLinearSigmoid", Place::dialect, "com.microsoft"},
    {"Quant", Place::dialect, "QONNX; constant scale, zero point and width (at most 8 bit), activations by tensor"},
    {"Sign", Place::dialect, "behind a sum of products of quantized numbers"},
    {"Trunc", Place::dialect, "QONNX; behind a sum or average of quantized numbers"},
});

}  // namespace

std::span<const Operator> supported_operators() { return table; }

const Operator* find_operator(std::string_view name) {
  const auto found =
      std::find_if(table.begin(), table.end(), [&](const Operator& entry) { return entry.name == name; });
  return found == table.end() ? nullptr : &*found;
}

std::string_view place_name(Place place) {
  switch (place) {
    case Place::matrix_unit:
      return "vector-matrix unit";
    case Place::vector_unit:
      return "vector unit";
    case Place::moved:
      return "moved or addressed";
    case Place::quantization:
      return "meaning of its neighbours";
    case Place::host:
      return "host";
    case Place::folded:
      return "folded away";
    case Place::dialect:
      return "as QuantizeLinear and DequantizeLinear";
  }
  return "";
}

std::string supported_operator_list() {
  // Those that work on pictures; that shape arithmetic is folded too would only make the message long.
  std::vector<std::string_view> names;
  for (const Operator& entry : table)
    if (entry.constraints != where_constant) names.push_back(entry.name);
  std::sort(names.begin(), names.end());
  std::string list;
  for (const std::string_view name : names) list += (list.empty() ? "" : ", ") + std::string(name);
  return list;
}

std::string supported_operators_markdown() {
  std::string text = "| operator | where it runs | supported |\n| --- | --- | --- |\n";
  for (const Operator& entry : table)
    text += "| " + std::string(entry.name) + " | " + std::string(place_name(entry.place)) + " | " +
            (entry.constraints.empty() ? "all" : std::string(entry.constraints)) + " |\n";
  return text;
}

void check_known(const Graph& graph) {
  for (const Node& node : graph.nodes) {
    const bool runtime_quantization =
        node.domain == "com.microsoft" && (node.op == "QuantizeLinear" || node.op == "DequantizeLinear");
    const Operator* entry = find_operator(node.op);
    // Those of dialects are gone by now, or were of a domain that has no such operator.
    if (is_quantizer(node)) continue;
    if ((!node.domain.empty() && !runtime_quantization) || entry == nullptr || entry->place == Place::dialect)
      throw Error(place(graph, node) + "this operator is not supported; supported are " + supported_operator_list());
  }
}

}  // namespace northpole::network
