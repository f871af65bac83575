// Operators that only move elements, as a list of where each output element comes from; and broadcasting, likewise.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "network/graph.h"

namespace northpole::reference {

// One output of a Concat, Split, Slice, Pad, Reshape, Transpose, Resize or Identity.
struct Movement {
  static constexpr std::int64_t padding = -1;

  network::Shape shape;
  // Elements of the inputs laid one after another, or padding. Empty when the elements stay as they are.
  std::vector<std::int64_t> sources;

  // inputs: the first element of each input and its size.
  template <typename Element>
  void apply(const std::vector<std::pair<const Element*, std::int64_t>>& inputs, Element padded, Element* output) const;
};

bool is_movement(std::string_view op);

// One for each output. Throws Error naming the node for what is not in normal form.
std::vector<Movement> movements_of(const network::Graph& graph, const network::Node& node);

// For each element of a tensor of shape `to`, the element of a tensor of shape `from` that broadcasts to it.
class Broadcast {
 public:
  // Throws Error when the one does not broadcast to the other.
  Broadcast(const network::Shape& from, const network::Shape& to);

  std::int64_t operator()(std::int64_t element) const {
    return sources_.empty() ? element : sources_[static_cast<std::size_t>(element)];
  }

 private:
  std::vector<std::int64_t> sources_;  // empty when the shapes are equal
};

template <typename Element>
void Movement::apply(const std::vector<std::pair<const Element*, std::int64_t>>& inputs, Element padded,
                     Element* output) const {
  if (sources.empty()) {
    for (const auto& [data, size] : inputs) {
      for (std::int64_t i = 0; i < size; ++i) *output++ = data[i];
    }
    return;
  }
  for (std::int64_t source : sources) {
    std::size_t input = 0;
    while (source >= 0 && source >= inputs[input].second) source -= inputs[input++].second;
    *output++ = source < 0 ? padded : inputs[input].first[source];
  }
}

}  // namespace northpole::reference
