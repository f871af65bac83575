#include <algorithm>
#include <cmath>

#include "network/node_view.h"
#include "network/rewrites.h"

namespace northpole::network {
namespace {

// Elements from one index of the axis to the next, and how many indices there are: which scale belongs to an element.
struct ScaleOrder {
  std::int64_t inner = 1, count = 1;
  std::int64_t operator()(std::int64_t element) const { return element / inner % count; }
};

ScaleOrder scale_order(const NodeView& view, const Tensor& scale) {
  if (scale.size() == 1) return {};
  const auto axis = static_cast<std::size_t>(view.resolved_axis(view.node.integer("axis", 1), view.rank(0)));
  const Shape& shape = view.shape(0);
  if (scale.size() != shape[axis]) view.fail("its scale does not fit its input");
  return {element_count(Shape(shape.begin() + static_cast<std::ptrdiff_t>(axis) + 1, shape.end())), scale.size()};
}

Tensor codes_of(const NodeView& view) {
  const Tensor &values = *view.constant(0), &scale = *view.constant(1), &zero_point = *view.constant(2);
  if (zero_point.size() != scale.size()) view.fail("its zero point does not fit its scale");
  const ScaleOrder order = scale_order(view, scale);
  const float lowest = static_cast<float>(lowest_code(zero_point.type)),
              highest = static_cast<float>(highest_code(zero_point.type));
  Tensor codes = Tensor::zeros(zero_point.type, values.shape);
  const std::size_t size = element_size(codes.type);
  for (std::int64_t i = 0; i < values.size(); ++i) {
    const std::int64_t channel = order(i);
    const float divided = values.data<float>()[i] / scale.data<float>()[channel];
    const float zero = static_cast<float>(zero_point.integer(channel));
    const auto code =
        static_cast<std::int64_t>(std::clamp(std::nearbyint(divided), lowest - zero, highest - zero) + zero);
    std::memcpy(codes.bytes.data() + static_cast<std::size_t>(i) * size, &code, size);
  }
  return codes;
}

bool is_constant_quantization(const NodeView& view) {
  if (view.node.op != "QuantizeLinear" || !view.node.domain.empty()) return false;
  for (std::size_t i = 0; i < 3; ++i)
    if (view.constant(i) == nullptr) return false;
  return view.constant(0)->type == ElementType::float32 && view.constant(1)->type == ElementType::float32 &&
         is_quantized_type(view.constant(2)->type);
}

}  // namespace

bool quantize_constants(Graph& graph) {
  std::vector<Node> left;
  bool changed = false;
  for (const Node& node : graph.nodes) {
    const NodeView view(graph, node);
    if (!is_constant_quantization(view)) {
      left.push_back(node);
      continue;
    }
    Tensor codes = at_node(graph, node, [&] { return codes_of(view); });
    graph.values[node.outputs[0]] = {node.outputs[0], codes.type, codes.shape};
    graph.constants[node.outputs[0]] = std::move(codes);
    changed = true;
  }
  graph.nodes = std::move(left);
  return changed;
}

}  // namespace northpole::network
