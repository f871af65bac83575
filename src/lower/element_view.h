// A logical tensor while it is being moved about: for each element, where it comes from. Any chain of Slice, Split,
// Pad, Concat, Reshape, Transpose and Resize is just a new list of origins.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "lower/layer.h"
#include "network/graph.h"

namespace northpole::lower {

struct ElementView {
  network::Shape shape;
  Quantization quantization;
  // Origin of element i: tensor * 2^40 + flat index (channel, y, x) in the stored tensor, or -1 - code for padding.
  // Shared, because most views of a graph are the same list.
  std::shared_ptr<const std::vector<std::int64_t>> origin;

  static constexpr std::int64_t tensor_unit = std::int64_t{1} << 40;
};

// The whole of a stored tensor, in the logical shape (whose elements are in the order channel, y, x).
ElementView whole(std::int32_t tensor, const StoredTensor& stored, network::Shape shape);

// Applies one moving operator (moves_only) to its inputs. Concat's inputs must be equally quantized.
ElementView move(const network::Graph& graph, const network::Node& node, const std::vector<ElementView>& inputs);
// The pieces of a Split.
std::vector<ElementView> split(const network::Node& node, const ElementView& input);
bool moves_only(const std::string& op);

// Channels, height, width of a logical shape whose batch is 1: [C], [1, C], [1, C, L], [1, C, H, W].
// Nothing for other ranks or a batch above 1.
struct Extent {
  std::int32_t channels = 0, height = 1, width = 1;
};
std::optional<Extent> extent(const network::Shape& shape);

}  // namespace northpole::lower
