#include "schedule/tensor_places.h"

#include <algorithm>

namespace northpole::schedule {

std::vector<std::int32_t> last_uses(const lower::LayerGraph& graph) {
  std::vector<std::int32_t> result(graph.tensors.size(), 0);
  for (std::size_t i = 0; i < graph.layers.size(); ++i) {
    const auto step = static_cast<std::int32_t>(i);
    std::int32_t& made = result[static_cast<std::size_t>(graph.layers[i].output)];
    made = std::max(made, step);
    for (const auto& view : graph.layers[i].inputs)
      for (const auto& block : view.blocks) result[static_cast<std::size_t>(block.tensor)] = step;
  }
  for (std::size_t i = 0; i < graph.outputs.size(); ++i)
    for (const auto& block : graph.outputs[i].view.blocks)
      result[static_cast<std::size_t>(block.tensor)] = static_cast<std::int32_t>(graph.layers.size() + i);
  return result;
}

program::TensorLocation location_of(const lower::StoredTensor& stored, std::uint16_t tag,
                                    const std::vector<Piece>& pieces, std::uint64_t cycle) {
  program::TensorLocation location;
  location.tensor = stored.name;
  location.tag = tag;
  location.cycle = cycle;
  location.channels = static_cast<std::uint32_t>(stored.channels);
  location.height = static_cast<std::uint32_t>(stored.height);
  location.width = static_cast<std::uint32_t>(stored.width);
  location.is_signed = stored.quantization.is_signed;
  location.bits = static_cast<std::uint8_t>(stored.quantization.bits);
  location.scale = stored.quantization.scale;
  location.zero_point = stored.quantization.zero_point;
  const auto u = [](std::int32_t value) { return static_cast<std::uint32_t>(value); };
  for (const Piece& piece : pieces)
    location.pieces.push_back({piece.place, piece.base, u(piece.region.y0), u(piece.region.y1), u(piece.region.x0),
                               u(piece.region.x1), u(piece.region.block0), u(piece.region.block1), piece.pitch_y,
                               piece.pitch_x});
  return location;
}

}  // namespace northpole::schedule
