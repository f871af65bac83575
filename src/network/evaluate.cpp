#include "network/evaluate.h"

#include <cmath>
#include <map>

#include "network/element_number.h"
#include "network/half_float.h"

namespace northpole::network {
namespace {

constexpr std::int64_t most_elements = std::int64_t{1} << 26;

// A float as an integer; a plain cast is undefined for what does not fit.
std::int64_t saturated(double value) {
  if (std::isnan(value)) return 0;
  if (value >= 9.2233720368547758e18) return INT64_MAX;
  if (value <= -9.2233720368547758e18) return INT64_MIN;
  return static_cast<std::int64_t>(value);
}

std::vector<Tensor> identity(const NodeView& view) { return {*view.constant(0)}; }

std::vector<Tensor> constant(const NodeView& view) {
  const Node& node = view.node;
  for (const auto& [name, attribute] : node.attributes) {
    if (name == "value")
      if (const auto* tensor = std::get_if<Tensor>(&attribute)) return {*tensor};
    if (name == "value_float") return {Tensor::of_floats({}, {node.real(name, 0)})};
    if (name == "value_int") return {Tensor::of_integers(ElementType::int64, {}, {node.integer(name, 0)})};
    if (name == "value_ints") {
      const auto values = node.integers(name, {});
      return {Tensor::of_integers(ElementType::int64, {static_cast<std::int64_t>(values.size())}, values)};
    }
    if (name == "value_floats")
      if (const auto* values = std::get_if<std::vector<float>>(&attribute))
        return {Tensor::of_floats({static_cast<std::int64_t>(values->size())}, *values)};
  }
  view.fail("it holds no value that is supported");
}

std::vector<Tensor> constant_of_shape(const NodeView& view) {
  const Shape shape = *view.integers("input", 0);
  Tensor value = Tensor::zeros(ElementType::float32, {1});
  if (view.node.has("value")) {
    const auto* given = std::get_if<Tensor>(&view.node.attributes.at("value"));
    if (given == nullptr || given->size() != 1) view.fail("its value must be a tensor of one element");
    value = *given;
  }
  new_constant(view, ElementType::boolean, shape);  // refuses absurd shapes
  return {copied(view, value, shape, 0, std::vector<std::int64_t>(shape.size(), 0))};
}

std::vector<Tensor> shape_of(const NodeView& view) {
  const Shape& shape = view.shape(0);
  const auto rank = static_cast<std::int64_t>(shape.size());
  const auto bound = [&](std::int64_t index) {
    return std::min(std::max<std::int64_t>(index < 0 ? index + rank : index, 0), rank);
  };
  const std::int64_t start = bound(view.node.integer("start", 0)), end = bound(view.node.integer("end", rank));
  const Shape part(shape.begin() + start, shape.begin() + std::max(start, end));
  return {Tensor::of_integers(ElementType::int64, {static_cast<std::int64_t>(part.size())}, part)};
}

std::vector<Tensor> size_of(const NodeView& view) {
  return {Tensor::of_integers(ElementType::int64, {}, {element_count(view.shape(0))})};
}

std::vector<Tensor> range(const NodeView& view) {
  for (std::size_t i = 0; i < 3; ++i)
    if (view.constant(i) == nullptr || view.constant(i)->size() != 1)
      view.fail("start, limit and delta must be one number each");
  const Tensor& start = *view.constant(0);
  const double from = start.number(0), to = view.constant(1)->number(0), step = view.constant(2)->number(0);
  const double count = std::max(0.0, std::ceil((to - from) / step));
  if (!(count <= static_cast<double>(most_elements))) view.fail("its range is absurd");
  Tensor result = new_constant(view, start.type, {static_cast<std::int64_t>(count)});
  for (std::int64_t i = 0; i < result.size(); ++i) {
    if (is_float(start.type))
      set_element(result, i, from + static_cast<double>(i) * step);
    else
      set_element(result, i, start.integer(0) + i * view.constant(2)->integer(0));
  }
  return {result};
}

std::vector<Tensor> cast(const NodeView& view) {
  const auto type = element_type_of(view.node.integer("to", 0));
  if (!type) view.fail("it casts to an element type that is not supported");
  const Tensor& input = *view.constant(0);
  Tensor result = new_constant(view, *type, input.shape);
  for (std::int64_t i = 0; i < result.size(); ++i) {
    if (*type == ElementType::boolean)
      set_element(result, i, std::int64_t{input.number(i) != 0});
    else if (element_bits(*type) < 8 && is_float(input.type))  // the only integers to which a cast rounds
      set_element(result, i, saturated(std::nearbyint(input.number(i))));
    else if (is_float(*type))
      set_element(result, i, input.number(i));
    else
      set_element(result, i, input.integer(i));
  }
  return {result};
}

}  // namespace

bool is_float(ElementType type) {
  return type == ElementType::float32 || type == ElementType::float16 || type == ElementType::float64;
}

Tensor new_constant(const NodeView& view, ElementType type, const Shape& shape) {
  if (element_count(shape) > most_elements) view.fail("a constant of shape " + to_string(shape) + " is too large");
  return Tensor::zeros(type, shape);
}

void set_element(Tensor& tensor, std::int64_t index, double value) {
  switch (tensor.type) {
    case ElementType::float32:
      tensor.data<float>()[index] = static_cast<float>(value);
      break;
    case ElementType::float64:
      tensor.data<double>()[index] = value;
      break;
    case ElementType::float16:
      tensor.data<std::uint16_t>()[index] = float_to_half(static_cast<float>(value));
      break;
    default:
      set_element(tensor, index, saturated(value));
      break;
  }
}

void set_element(Tensor& tensor, std::int64_t index, std::int64_t value) {
  if (is_float(tensor.type)) return set_element(tensor, index, static_cast<double>(value));
  const std::size_t size = element_size(tensor.type);
  if (size == 1) value = wrapped_code(value, tensor.type);
  std::memcpy(tensor.bytes.data() + static_cast<std::size_t>(index) * size, &value, size);
}

Evaluator find_evaluator(const std::string& op) {
  static const std::map<std::string, Evaluator> evaluators = {
      {"Identity", identity},
      {"Constant", constant},
      {"ConstantOfShape", constant_of_shape},
      {"Shape", shape_of},
      {"Size", size_of},
      {"Range", range},
      {"Cast", cast},
      {"Reshape", evaluate_reshape},
      {"Flatten", evaluate_reshape},
      {"Squeeze", evaluate_reshape},
      {"Unsqueeze", evaluate_reshape},
      {"Transpose", evaluate_transpose},
      {"Slice", evaluate_slice},
      {"Split", evaluate_split},
      {"Expand", evaluate_expand},
      {"Tile", evaluate_tile},
      {"Concat", evaluate_concat},
      {"Gather", evaluate_gather},
      {"Pad", evaluate_pad},
      {"Where", evaluate_where},
      {"Add", evaluate_binary},
      {"Sub", evaluate_binary},
      {"Mul", evaluate_binary},
      {"Div", evaluate_binary},
      {"Pow", evaluate_binary},
      {"Mod", evaluate_binary},
      {"Min", evaluate_binary},
      {"Max", evaluate_binary},
      {"Equal", evaluate_binary},
      {"Less", evaluate_binary},
      {"LessOrEqual", evaluate_binary},
      {"Greater", evaluate_binary},
      {"GreaterOrEqual", evaluate_binary},
      {"And", evaluate_binary},
      {"Or", evaluate_binary},
      {"Sqrt", evaluate_unary},
      {"Neg", evaluate_unary},
      {"Floor", evaluate_unary},
      {"Ceil", evaluate_unary},
      {"Round", evaluate_unary},
      {"Abs", evaluate_unary},
      {"Exp", evaluate_unary},
      {"Log", evaluate_unary},
      {"Reciprocal", evaluate_unary},
      {"Not", evaluate_unary},
      {"Relu", evaluate_unary},
      {"ReduceProd", evaluate_reduction},
      {"ReduceSum", evaluate_reduction},
      {"ReduceMean", evaluate_reduction},
      {"ReduceMax", evaluate_reduction},
      {"ReduceMin", evaluate_reduction},
  };
  const auto found = evaluators.find(op);
  return found == evaluators.end() ? nullptr : found->second;
}

}  // namespace northpole::network
