// Convolutions, pools and matrix products.
#include "network/parameters.h"
#include "network/shape_rules.h"

namespace northpole::network {
namespace {

Port port(const NodeView& view, Shape shape) { return {"", view.input(0).type, std::move(shape)}; }

}  // namespace

std::vector<Port> shapes_of_convolution(const NodeView& view) {
  const Shape& input = view.shape(0);
  const Shape& weights = view.shape(1);
  const std::int64_t group = view.node.integer("group", 1);
  if (input.size() < 3 || weights.size() != input.size())
    view.fail("its input " + to_string(input) + " and weights " + to_string(weights) + " do not fit together");
  if (group < 1 || weights[0] % group != 0 || input[1] % group != 0 || weights[1] != input[1] / group)
    view.fail("its input " + to_string(input) + ", weights " + to_string(weights) + " and group " +
              std::to_string(group) + " do not fit together");
  if (view.has_input(2) && view.shape(2) != Shape{weights[0]})
    view.fail("its bias " + to_string(view.shape(2)) + " does not fit the weights " + to_string(weights));
  const Shape kernel(weights.begin() + 2, weights.end());
  const Window window = window_of(view, input, kernel);
  if (window.kernel != kernel) view.fail("its kernel_shape does not fit the weights " + to_string(weights));
  Shape output{input[0], weights[0]};
  output.insert(output.end(), window.output.begin(), window.output.end());
  return {port(view, std::move(output))};
}

std::vector<Port> shapes_of_pool(const NodeView& view) {
  const Shape& input = view.shape(0);
  const Window window = window_of(view, input, {});
  Shape output(input.begin(), input.begin() + 2);
  output.insert(output.end(), window.output.begin(), window.output.end());
  std::vector<Port> ports{port(view, std::move(output))};
  if (view.node.op == "MaxPool") ports.push_back({"", ElementType::int64, ports[0].shape});  // the indices
  return ports;
}

std::vector<Port> shapes_of_global_pool(const NodeView& view) {
  Shape output = view.shape(0);
  if (output.size() < 3) view.fail("its input of shape " + to_string(output) + " has no spatial axes");
  for (std::size_t axis = 2; axis < output.size(); ++axis) output[axis] = 1;
  return {port(view, std::move(output))};
}

std::vector<Port> shapes_of_gemm(const NodeView& view) {
  const Shape& a = view.shape(0);
  const Shape& b = view.shape(1);
  if (a.size() != 2 || b.size() != 2)
    view.fail("its inputs " + to_string(a) + " and " + to_string(b) + " must both be matrices");
  const bool turned_a = view.node.integer("transA", 0) != 0, turned_b = view.node.integer("transB", 0) != 0;
  if (a[turned_a ? 0 : 1] != b[turned_b ? 1 : 0])
    view.fail("its inputs " + to_string(a) + " and " + to_string(b) + " do not fit together");
  Shape output{a[turned_a ? 1 : 0], b[turned_b ? 0 : 1]};
  if (view.has_input(2) && broadcast_shape(view, output, view.shape(2)) != output)
    view.fail("its bias " + to_string(view.shape(2)) + " does not fit the output " + to_string(output));
  return {port(view, std::move(output))};
}

std::vector<Port> shapes_of_matrix_product(const NodeView& view) {
  Shape a = view.shape(0), b = view.shape(1);
  if (a.empty() || b.empty()) view.fail("it multiplies a scalar");
  const bool row = a.size() == 1, column = b.size() == 1;
  if (row) a.insert(a.begin(), 1);
  if (column) b.push_back(1);
  if (a[a.size() - 1] != b[b.size() - 2])
    view.fail("its inputs " + to_string(view.shape(0)) + " and " + to_string(view.shape(1)) + " do not fit together");
  Shape output = broadcast_shape(view, Shape(a.begin(), a.end() - 2), Shape(b.begin(), b.end() - 2));
  if (!row) output.push_back(a[a.size() - 2]);
  if (!column) output.push_back(b[b.size() - 1]);
  return {port(view, std::move(output))};
}

}  // namespace northpole::network
