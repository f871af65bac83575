// Rows of a tensor that are there early and rows that come late, where it is made in pixel tiles: they lie in banks of
// their own, so that the first are read while the others are still written or received.
#pragma once

#include <cstdint>
#include <vector>

#include "lower/layer.h"
#include "map/cost.h"
#include "schedule/gather.h"
#include "schedule/holding.h"

namespace northpole::schedule {

// Segments, without buffers, of `rows` rows in which a core's own rows (`own` of them, made in pixel tiles) follow
// `before` rows of its neighbours, which make theirs alike. Empty when all are made together.
std::vector<RowSegment> halves(std::int32_t rows, std::int32_t before, std::int32_t own, const map::PixelTiles& tiles);

// The same of what the cores' `regions` of a view gather, by when its rows are written: empty when they are written at
// about the same time, or in turns. `places` is by stored tensor.
std::vector<RowSegment> halves_in_time(const lower::View& view, const std::vector<map::Region>& regions,
                                       const std::vector<Places>& places);

// Do linear layers alone read the tensor, and no output of the network?
bool read_by_linear_layers(const lower::LayerGraph& graph, std::int32_t tensor);

}  // namespace northpole::schedule
