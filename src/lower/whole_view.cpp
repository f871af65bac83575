#include "lower/whole_view.h"

namespace northpole::lower {

bool is_whole(const View& view, const StoredTensor& stored) {
  std::int32_t top = 0, left = 0;
  return is_padded(view, stored, top, left) && view.height == stored.height && view.width == stored.width &&
         view.maps[0].row.size() == static_cast<std::size_t>(stored.height) &&
         view.maps[0].column.size() == static_cast<std::size_t>(stored.width);
}

bool is_padded(const View& view, const StoredTensor& stored, std::int32_t& top, std::int32_t& left) {
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

}  // namespace northpole::lower
