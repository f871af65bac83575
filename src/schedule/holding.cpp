#include "schedule/holding.h"

#include <algorithm>

namespace northpole::schedule {

std::uint32_t Holding::lay_out() {
  std::int32_t height = 0, width = 0, blocks = 0;
  ready.assign(regions.size(), {});
  for (std::size_t core = 0; core < regions.size(); ++core) {
    const map::Region& region = regions[core];
    if (region.empty()) continue;
    height = std::max(height, region.height());
    width = std::max(width, region.width());
    blocks = std::max(blocks, region.blocks());
    ready[core].assign(static_cast<std::size_t>(region.height()) * static_cast<std::size_t>(region.width()) *
                           static_cast<std::size_t>(region.blocks()),
                       0);
  }
  pitch_x = static_cast<std::uint32_t>(blocks);
  pitch_y = pitch_x * static_cast<std::uint32_t>(width);
  return pitch_y * static_cast<std::uint32_t>(height);
}

}  // namespace northpole::schedule
