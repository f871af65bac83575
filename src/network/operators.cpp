#include "network/operators.h"

#include <algorithm>
#include <array>

#include "network/error.h"
#include "network/text.h"

namespace northpole::network {
namespace {

constexpr std::string_view where_constant = "on constants only";

// Sorted by place, then name; the tests hold it to that.
constexpr auto table = std::to_array<Operator>({
    {"Conv", Place::matrix_unit, "2-D; constant weights; any stride, padding, dilation and group"},
    {"Gemm", Place::matrix_unit,
     "constant B and C; transA = 0 or a Transpose before it; alpha and beta 1 where B is quantized"},
    {"MatMul", Place::matrix_unit, "second input a constant matrix"},

    {"Add", Place::vector_unit, "two tensors of one shape, or a tensor and a constant that broadcasts to it"},
    {"AveragePool", Place::vector_unit,
     "2-D; no dilation; not count_include_pad together with a ceil_mode that reaches over the padding"},
    {"Clip", Place::vector_unit, "constant bounds"},
    {"GlobalAveragePool", Place::vector_unit, "2-D"},
    {"HardSigmoid", Place::vector_unit, ""},
    {"HardSwish", Place::vector_unit, ""},
    {"LeakyRelu", Place::vector_unit, ""},
    {"MaxPool", Place::vector_unit, "2-D; only the values, not the indices"},
    {"Mul", Place::vector_unit, "two tensors that broadcast by channel or have one shape, or a tensor and a constant"},
    {"ReduceMean", Place::vector_unit, "over height and width (axes 2 and 3)"},
    {"Relu", Place::vector_unit, ""},
    {"Sigmoid", Place::vector_unit, ""},
    {"Sub", Place::vector_unit, "as Add; the constant may be on either side"},

    {"Concat", Place::moved, ""},
    {"Flatten", Place::moved, ""},
    {"Identity", Place::moved, ""},
    {"Pad", Place::moved, "constant padding; negative pads cut"},
    {"Reshape", Place::moved, "constant shape"},
    {"Resize", Place::moved, "nearest, of height and width, by constant scales or sizes; not tf_crop_and_resize"},
    {"Slice", Place::moved, "constant, forwards"},
    {"Split", Place::moved, "constant sizes"},
    {"Squeeze", Place::moved, "constant axes"},
    {"Transpose", Place::moved, ""},
    {"Unsqueeze", Place::moved, "constant axes"},

    {"DequantizeLinear", Place::quantization,
     "constant scale and zero point, by tensor or by channel; 8, 4 and 2 bit, int32 for biases"},
    {"QuantizeLinear", Place::quantization, "constant scale and zero point, by tensor or by channel; 8, 4 and 2 bit"},

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
    if ((!node.domain.empty() && !runtime_quantization) || find_operator(node.op) == nullptr)
      throw Error(place(graph, node) + "this operator is not supported; supported are " + supported_operator_list());
  }
}

}  // namespace northpole::network
