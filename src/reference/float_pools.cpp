// MaxPool, AveragePool, GlobalAveragePool and ReduceMean over height and width, in float32.
#include <algorithm>
#include <limits>

#include "reference/float_operators.h"
#include "reference/windows.h"

namespace northpole::reference {
namespace {

using network::ElementType;
using network::Tensor;
using Inputs = std::vector<const Tensor*>;

// One output of one window over one plane, from whatever `pool(plane, y, x)` makes of it.
template <typename Pool>
FloatOperator make_pool(const Windows& windows, const network::Shape& shape, Pool pool) {
  return [=](const Inputs& inputs) {
    Tensor output = Tensor::zeros(ElementType::float32, shape);
    float* out = output.data<float>();
    for (std::int64_t channel = 0; channel < windows.batch * windows.channels; ++channel) {
      const float* plane = inputs[0]->data<float>() + channel * windows.plane();
      for (std::int64_t y = 0; y < windows.output_height; ++y) {
        for (std::int64_t x = 0; x < windows.output_width; ++x) *out++ = pool(plane, y, x);
      }
    }
    return std::vector<Tensor>{std::move(output)};
  };
}

}  // namespace

FloatOperator make_float_pool(const network::Graph& graph, const network::Node& node) {
  const bool average = node.op == "AveragePool" || node.op == "GlobalAveragePool" || node.op == "ReduceMean";
  if (!average && node.op != "MaxPool") return {};
  const Windows windows = windows_of(graph, node);
  const network::Shape& shape = graph.values.at(node.outputs[0]).shape;
  if (!average) {
    return make_pool(windows, shape, [windows](const float* plane, std::int64_t output_y, std::int64_t output_x) {
      float largest = -std::numeric_limits<float>::infinity();
      windows.for_each_inside(output_y, output_x, [&](std::int64_t y, std::int64_t x) {
        largest = std::max(largest, plane[y * windows.width + x]);
      });
      return largest;
    });
  }
  const bool count_padding = node.integer("count_include_pad", 0) != 0;
  return make_pool(windows, shape, [=](const float* plane, std::int64_t output_y, std::int64_t output_x) {
    float sum = 0;
    std::int64_t count = 0;
    windows.for_each_inside(output_y, output_x, [&](std::int64_t y, std::int64_t x) {
      sum += plane[y * windows.width + x];
      ++count;
    });
    return sum / static_cast<float>(count_padding ? windows.window() : count);
  });
}

}  // namespace northpole::reference
