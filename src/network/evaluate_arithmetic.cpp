// Floats are worked out in double and rounded once to the result's type; for + - * / and square root of float32 that is
// the correctly rounded result. Integers wrap around as two's complement.
#include <cmath>

#include "network/evaluate.h"
#include "network/parameters.h"

namespace northpole::network {
namespace {

// Which element of a broadcast tensor stands at each element of the full shape.
class Broadcast {
 public:
  Broadcast(const Shape& from, const Shape& to)
      : same_(from == to), to_strides_(strides_of(to)), to_(to), strides_(to.size(), 0) {
    const auto own = strides_of(from);
    for (std::size_t axis = 0; axis < from.size(); ++axis)
      strides_[to.size() - from.size() + axis] = from[axis] == 1 ? 0 : own[axis];
  }
  std::int64_t operator()(std::int64_t index) const {
    if (same_) return index;
    std::int64_t source = 0;
    for (std::size_t axis = 0; axis < to_.size(); ++axis)
      source += index / to_strides_[axis] % to_[axis] * strides_[axis];
    return source;
  }

 private:
  bool same_;
  std::vector<std::int64_t> to_strides_;
  Shape to_;
  std::vector<std::int64_t> strides_;
};

double of_floats(const NodeView& view, const std::string& op, double a, double b) {
  if (op == "Add") return a + b;
  if (op == "Sub") return a - b;
  if (op == "Mul") return a * b;
  if (op == "Div") return a / b;
  if (op == "Pow") return std::pow(a, b);
  if (op == "Mod") return std::fmod(a, b);
  if (op == "Min") return std::fmin(a, b);
  if (op == "Max") return std::fmax(a, b);
  view.fail("not defined for floats");
}

std::int64_t of_integers(const NodeView& view, const std::string& op, std::int64_t a, std::int64_t b) {
  const auto x = static_cast<std::uint64_t>(a), y = static_cast<std::uint64_t>(b);
  if (op == "Add") return static_cast<std::int64_t>(x + y);
  if (op == "Sub") return static_cast<std::int64_t>(x - y);
  if (op == "Mul") return static_cast<std::int64_t>(x * y);
  if (op == "Min") return std::min(a, b);
  if (op == "Max") return std::max(a, b);
  if (op == "And") return a != 0 && b != 0;
  if (op == "Or") return a != 0 || b != 0;
  if (op == "Pow") return static_cast<std::int64_t>(std::pow(static_cast<double>(a), static_cast<double>(b)));
  if (b == 0 || (b == -1 && a == INT64_MIN)) view.fail("it divides by zero");
  if (op == "Div") return a / b;
  const std::int64_t rest = a % b;
  return view.node.integer("fmod", 0) == 0 && rest != 0 && (rest < 0) != (b < 0) ? rest + b : rest;
}

template <typename T>
bool compared(const std::string& op, T a, T b) {
  if (op == "Equal") return a == b;
  if (op == "Less") return a < b;
  if (op == "LessOrEqual") return a <= b;
  if (op == "Greater") return a > b;
  return a >= b;
}

bool is_comparison(const std::string& op) {
  return op == "Equal" || op == "Less" || op == "LessOrEqual" || op == "Greater" || op == "GreaterOrEqual";
}

Tensor combined(const NodeView& view, const Tensor& a, const Tensor& b) {
  const std::string& op = view.node.op;
  if (a.type != b.type && op != "Pow") view.fail("its inputs differ in element type");
  const Shape shape = broadcast_shape(view, a.shape, b.shape);
  const bool floats = is_float(a.type);
  Tensor result = new_constant(view, is_comparison(op) ? ElementType::boolean : a.type, shape);
  const Broadcast first(a.shape, shape), second(b.shape, shape);
  for (std::int64_t i = 0; i < result.size(); ++i) {
    const std::int64_t x = first(i), y = second(i);
    if (is_comparison(op)) {
      const bool truth = floats ? compared(op, a.number(x), b.number(y)) : compared(op, a.integer(x), b.integer(y));
      set_element(result, i, std::int64_t{truth});
    } else if (floats) {
      set_element(result, i, of_floats(view, op, a.number(x), b.number(y)));
    } else {
      set_element(result, i, of_integers(view, op, a.integer(x), b.integer(y)));
    }
  }
  return result;
}

double of_float(const NodeView& view, const std::string& op, double x) {
  if (op == "Sqrt") return std::sqrt(x);
  if (op == "Neg") return -x;
  if (op == "Floor") return std::floor(x);
  if (op == "Ceil") return std::ceil(x);
  if (op == "Round") return std::nearbyint(x);  // halves to even
  if (op == "Abs") return std::fabs(x);
  if (op == "Exp") return std::exp(x);
  if (op == "Log") return std::log(x);
  if (op == "Reciprocal") return 1 / x;
  if (op == "Relu") return x > 0 ? x : 0;
  view.fail("not defined for floats");
}

std::int64_t of_integer(const NodeView& view, const std::string& op, std::int64_t x) {
  const auto negative = static_cast<std::int64_t>(-static_cast<std::uint64_t>(x));
  if (op == "Neg") return negative;
  if (op == "Abs") return x < 0 ? negative : x;
  if (op == "Not") return x == 0;
  if (op == "Relu") return std::max<std::int64_t>(x, 0);
  view.fail("not defined for integers");
}

}  // namespace

std::vector<Tensor> evaluate_binary(const NodeView& view) {
  if (view.node.inputs.empty()) view.fail("it has no inputs");
  Tensor result = *view.constant(0);
  if (view.node.inputs.size() == 1 && view.node.op != "Min" && view.node.op != "Max")
    view.fail("it has one input, two are needed");
  for (std::size_t i = 1; i < view.node.inputs.size(); ++i) {
    if (view.constant(i) == nullptr) view.fail("an input is missing");
    result = combined(view, result, *view.constant(i));
  }
  return {std::move(result)};
}

std::vector<Tensor> evaluate_unary(const NodeView& view) {
  const Tensor& input = *view.constant(0);
  Tensor result = new_constant(view, input.type, input.shape);
  for (std::int64_t i = 0; i < input.size(); ++i) {
    if (is_float(input.type))
      set_element(result, i, of_float(view, view.node.op, input.number(i)));
    else
      set_element(result, i, of_integer(view, view.node.op, input.integer(i)));
  }
  return {std::move(result)};
}

std::vector<Tensor> evaluate_where(const NodeView& view) {
  for (std::size_t i = 0; i < 3; ++i)
    if (view.constant(i) == nullptr) view.fail("an input is missing");
  const Tensor &condition = *view.constant(0), &a = *view.constant(1), &b = *view.constant(2);
  if (a.type != b.type) view.fail("its inputs differ in element type");
  const Shape shape = broadcast_shape(view, broadcast_shape(view, a.shape, b.shape), condition.shape);
  Tensor result = new_constant(view, a.type, shape);
  const Broadcast which(condition.shape, shape), first(a.shape, shape), second(b.shape, shape);
  const std::size_t size = element_size(a.type);
  for (std::int64_t i = 0; i < result.size(); ++i) {
    const bool truth = condition.integer(which(i)) != 0;
    const std::int64_t source = truth ? first(i) : second(i);
    std::memcpy(result.bytes.data() + static_cast<std::size_t>(i) * size,
                (truth ? a : b).bytes.data() + static_cast<std::size_t>(source) * size, size);
  }
  return {std::move(result)};
}

std::vector<Tensor> evaluate_reduction(const NodeView& view) {
  const Tensor& input = *view.constant(0);
  const Reduction reduction = reduction_of(view);
  const std::string& op = view.node.op;
  const Shape kept = reduced_shape(input.shape, {reduction.axes, true});
  Tensor result = new_constant(view, input.type, kept);
  if (input.size() == 0) view.fail("it reduces no elements");
  const Broadcast target(kept, input.shape);
  const bool floats = is_float(input.type);
  std::vector<double> numbers(static_cast<std::size_t>(result.size()));
  std::vector<std::int64_t> integers(numbers.size());
  std::vector<bool> begun(numbers.size(), false);
  const std::string step = op == "ReduceProd" ? "Mul" : op == "ReduceMax" ? "Max" : op == "ReduceMin" ? "Min" : "Add";
  for (std::int64_t i = 0; i < input.size(); ++i) {
    const auto at = static_cast<std::size_t>(target(i));
    if (floats)
      numbers[at] = begun[at] ? of_floats(view, step, numbers[at], input.number(i)) : input.number(i);
    else
      integers[at] = begun[at] ? of_integers(view, step, integers[at], input.integer(i)) : input.integer(i);
    begun[at] = true;
  }
  const std::int64_t each = input.size() / result.size();
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    const auto at = static_cast<std::int64_t>(i);
    const bool mean = op == "ReduceMean";
    if (floats)
      set_element(result, at, mean ? numbers[i] / static_cast<double>(each) : numbers[i]);
    else
      set_element(result, at, mean ? integers[i] / each : integers[i]);
  }
  result.shape = reduced_shape(input.shape, reduction);
  return {std::move(result)};
}

}  // namespace northpole::network
