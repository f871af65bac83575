#include <algorithm>
#include <cmath>
#include <set>

#include "network/error.h"
#include "network/rewrites.h"
#include "network/text.h"

namespace northpole::network {
namespace {

// Their constants are limits and fillings, for which infinity has a meaning.
bool may_be_infinite(const std::string& op) {
  return op == "Clip" || op == "Pad" || op == "Max" || op == "Min" || op == "Resize";
}

}  // namespace

void check_finite(const Graph& graph) {
  std::set<std::string> seen;
  for (const Node& node : graph.nodes) {
    if (may_be_infinite(node.op)) continue;
    for (const std::string& input : node.inputs) {
      const Tensor* tensor = graph.constant(input);
      if (tensor == nullptr || tensor->type != ElementType::float32 || !seen.insert(input).second) continue;
      const float* begin = tensor->data<float>();
      const float* end = begin + tensor->size();
      const float* bad = std::find_if(begin, end, [](float value) { return !std::isfinite(value); });
      if (bad != end)
        throw Error(place(graph, node) + "its weights " + quoted_name(input) + " hold " +
                    (std::isnan(*bad) ? "NaN" : "infinity") + " at element " + std::to_string(bad - begin));
    }
  }
}

}  // namespace northpole::network
