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

bool is_whole(const lower::View& view, const lower::StoredTensor& stored) {
  if (view.maps.size() != 1 || static_cast<std::int32_t>(view.blocks.size()) != stored.blocks()) return false;
  for (std::size_t i = 0; i < view.blocks.size(); ++i)
    if (view.blocks[i].tensor != view.blocks[0].tensor || view.blocks[i].block != static_cast<std::int32_t>(i))
      return false;
  const auto identity = [](const std::vector<std::int32_t>& indices, std::int32_t size) {
    if (static_cast<std::int32_t>(indices.size()) != size) return false;
    for (std::int32_t i = 0; i < size; ++i)
      if (indices[static_cast<std::size_t>(i)] != i) return false;
    return true;
  };
  return identity(view.maps[0].row, stored.height) && identity(view.maps[0].column, stored.width);
}

bool is_padded(const lower::View& view, const lower::StoredTensor& stored, std::int32_t& top, std::int32_t& left) {
  if (view.maps.size() != 1 || static_cast<std::int32_t>(view.blocks.size()) != stored.blocks()) return false;
  for (std::size_t i = 0; i < view.blocks.size(); ++i)
    if (view.blocks[i].tensor != view.blocks[0].tensor || view.blocks[i].block != static_cast<std::int32_t>(i))
      return false;
  const auto shifted = [](const std::vector<std::int32_t>& indices, std::int32_t size, std::int32_t& before) {
    before = 0;
    while (before < static_cast<std::int32_t>(indices.size()) && indices[static_cast<std::size_t>(before)] < 0) ++before;
    for (std::int32_t i = 0; i < static_cast<std::int32_t>(indices.size()); ++i) {
      const std::int32_t stored_index = i - before;
      if (indices[static_cast<std::size_t>(i)] != (stored_index >= 0 && stored_index < size ? stored_index : -1))
        return false;
    }
    return static_cast<std::int32_t>(indices.size()) >= before + size;
  };
  return shifted(view.maps[0].row, stored.height, top) && shifted(view.maps[0].column, stored.width, left);
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
