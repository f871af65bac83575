#include "schedule/home.h"

#include <algorithm>

#include "lower/whole_view.h"

namespace northpole::schedule {

using map::Region;

void Home::put(Holding& output) {
  output.lay_out();
  output.held = true;
  output.buffer = around.buffer;
  output.taken = around.taken;
  output.pitch_y = around.pitch_y;
  output.pitch_x = around.pitch_x;
  around.tag = output.tag;
  for (std::size_t core = 0; core < output.regions.size(); ++core) {
    const Region &own = output.regions[core], &all = around.regions[core];
    if (own.empty()) continue;
    const std::int32_t row = own.y0 + top - all.y0, column = own.x0 + left - all.x0;
    output.base = around.word(row, column);
    output.in_columns = around.in_columns;
    // Where the border lies in another segment than the output's own first row or column, that one begins later.
    const std::int32_t first = around.in_columns ? column : row;
    for (const Segment& segment : around.segments) {
      Segment inside = segment;
      inside.first = std::max(0, segment.first - first);
      inside.base =
          around.in_columns ? around.word(row, column + inside.first) : around.word(row + inside.first, column);
      while (!output.segments.empty() && output.segments.back().first >= inside.first) output.segments.pop_back();
      if (inside.first < (around.in_columns ? own.width() : own.height())) output.segments.push_back(inside);
    }
    if (!output.segments.empty()) output.base = output.segments[0].base;
    break;
  }
}

void Home::enter(const Holding& output) {
  for (std::uint32_t core = 0; core < output.regions.size(); ++core) {
    const Region& own = output.regions[core];
    for (std::int32_t y = own.y0; y < own.y1; ++y)
      for (std::int32_t x = own.x0; x < own.x1; ++x)
        for (std::int32_t block = own.block0; block < own.block1; ++block)
          around.when(core, y + top, x + left, block) = output.when(core, y, x, block);
  }
}

std::unique_ptr<Home> home_of(const lower::LayerGraph& graph, std::size_t maker, const std::vector<Region>& owned,
                              const std::function<std::vector<Region>(std::size_t)>& around_of) {
  const std::int32_t tensor = graph.layers[maker].output;
  const lower::StoredTensor& stored = graph.tensors[static_cast<std::size_t>(tensor)];
  for (std::size_t l = maker + 1; l < graph.layers.size(); ++l) {
    const lower::Layer& layer = graph.layers[l];
    if (layer.kind == lower::LayerKind::elementwise) continue;
    const lower::View& view = layer.inputs[0];
    if (view.blocks[0].tensor != tensor) continue;
    auto home = std::make_unique<Home>();
    home->layer = l;
    if (!lower::is_padded(view, stored, home->top, home->left)) continue;
    home->around.regions = around_of(l);
    bool fits = true;
    const Region* first = nullptr;
    const Region* first_owned = nullptr;
    for (std::size_t core = 0; core < owned.size() && fits; ++core) {
      const Region &own = owned[core], &all = home->around.regions[core];
      if (own.empty()) continue;
      fits = own.y0 + home->top >= all.y0 && own.y1 + home->top <= all.y1 && own.x0 + home->left >= all.x0 &&
             own.x1 + home->left <= all.x1 && own.block0 == all.block0 && own.block1 == all.block1;
      if (first == nullptr) {
        first = &all;
        first_owned = &own;
      }
      fits = fits && own.y0 - all.y0 == first_owned->y0 - first->y0 && own.x0 - all.x0 == first_owned->x0 - first->x0;
    }
    if (fits && first != nullptr) return home;
  }
  return nullptr;
}

}  // namespace northpole::schedule
