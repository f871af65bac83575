#include "lower/factorize.h"

#include <algorithm>
#include <map>
#include <tuple>

namespace northpole::lower {

std::optional<View> factorize(const ElementView& elements, const std::vector<StoredTensor>& tensors,
                              const std::vector<std::int64_t>& pads, std::int32_t padding) {
  const auto size = extent(elements.shape);
  if (!size) return std::nullopt;
  View view;
  view.channels = size->channels;
  view.height = size->height + static_cast<std::int32_t>(pads[0] + pads[2]);
  view.width = size->width + static_cast<std::int32_t>(pads[1] + pads[3]);
  view.padding = padding;
  view.quantization = elements.quantization;
  const std::int32_t block_channels = view.block_channels();
  const std::int64_t plane = static_cast<std::int64_t>(size->height) * size->width;
  const std::int64_t padding_origin = -1 - (padding - elements.quantization.lowest());
  std::vector<std::vector<bool>> lane_used;  // by view block
  std::map<std::pair<std::vector<std::int32_t>, std::vector<std::int32_t>>, std::int32_t> map_index;
  std::map<std::tuple<std::int32_t, std::int32_t, std::int32_t>, std::vector<std::size_t>> block_index;
  for (std::int32_t c = 0; c < size->channels; ++c) {
    const std::int64_t* origin = elements.origin->data() + c * plane;
    SpatialMap map;
    map.row.assign(static_cast<std::size_t>(size->height), -1);
    map.column.assign(static_cast<std::size_t>(size->width), -1);
    std::int64_t tensor = -1, channel = -1;
    for (std::int32_t y = 0; y < size->height; ++y)
      for (std::int32_t x = 0; x < size->width; ++x) {
        const std::int64_t from = origin[y * size->width + x];
        if (from < 0) {
          if (from != padding_origin) return std::nullopt;
          continue;
        }
        const std::int64_t t = from / ElementView::tensor_unit, flat = from % ElementView::tensor_unit;
        const StoredTensor& stored = tensors[static_cast<std::size_t>(t)];
        const std::int64_t stored_plane = static_cast<std::int64_t>(stored.height) * stored.width;
        if (tensor < 0) {
          tensor = t;
          channel = flat / stored_plane;
        }
        if (t != tensor || flat / stored_plane != channel) return std::nullopt;
        const auto row = static_cast<std::int32_t>(flat % stored_plane / stored.width);
        const auto column = static_cast<std::int32_t>(flat % stored.width);
        auto& known_row = map.row[static_cast<std::size_t>(y)];
        auto& known_column = map.column[static_cast<std::size_t>(x)];
        if ((known_row >= 0 && known_row != row) || (known_column >= 0 && known_column != column)) return std::nullopt;
        known_row = row;
        known_column = column;
      }
    if (tensor < 0) {  // all padding
      view.position.push_back(-1);
      continue;
    }
    for (std::int32_t y = 0; y < size->height; ++y)
      for (std::int32_t x = 0; x < size->width; ++x) {
        const bool inside = map.row[static_cast<std::size_t>(y)] >= 0 && map.column[static_cast<std::size_t>(x)] >= 0;
        if (inside != (origin[y * size->width + x] >= 0)) return std::nullopt;
      }
    map.row.insert(map.row.begin(), static_cast<std::size_t>(pads[0]), -1);
    map.row.insert(map.row.end(), static_cast<std::size_t>(pads[2]), -1);
    map.column.insert(map.column.begin(), static_cast<std::size_t>(pads[1]), -1);
    map.column.insert(map.column.end(), static_cast<std::size_t>(pads[3]), -1);
    const auto [known_map, fresh] =
        map_index.try_emplace({map.row, map.column}, static_cast<std::int32_t>(view.maps.size()));
    if (fresh) view.maps.push_back(map);
    const auto lane = static_cast<std::size_t>(channel % block_channels);
    const ViewBlock wanted{static_cast<std::int32_t>(tensor), static_cast<std::int32_t>(channel / block_channels),
                           known_map->second};
    // A block that is already read, unless its lane has been given to another logical channel.
    auto& copies = block_index[{wanted.tensor, wanted.block, wanted.map}];
    auto copy = std::find_if(copies.begin(), copies.end(), [&](std::size_t i) { return !lane_used[i][lane]; });
    if (copy == copies.end()) {
      copy = copies.insert(copies.end(), view.blocks.size());
      view.blocks.push_back(wanted);
      lane_used.emplace_back(block_channels, false);
    }
    const std::size_t index = *copy;
    lane_used[index][lane] = true;
    view.position.push_back(static_cast<std::int32_t>(index) * block_channels + static_cast<std::int32_t>(lane));
  }
  if (view.blocks.empty()) return std::nullopt;
  return view;
}

bool View::canonical() const {
  for (std::size_t c = 0; c < position.size(); ++c)
    if (position[c] != static_cast<std::int32_t>(c)) return false;
  return true;
}

}  // namespace northpole::lower
