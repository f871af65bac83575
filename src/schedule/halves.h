// Rows (or columns) of a tensor that are there early and others that come late, where it is made in pixel tiles: they
// lie in banks of their own, so that the first are read while the others are still written or received.
#pragma once

#include <cstdint>
#include <vector>

#include "lower/layer.h"
#include "map/cost.h"
#include "schedule/gather.h"
#include "schedule/holding.h"

namespace northpole::schedule {

// Along what a mapping passes its halves.
enum class Halves { none, rows, columns };
Halves halves_of(const map::Mapping& mapping, const map::PixelTiles& tiles);

// Segments, without buffers, of `size` rows or columns in which a core's own (`own` of them, made `together` at a time)
// follow `before` of its neighbours, which make theirs alike. Empty when all are made together.
std::vector<Segment> halves(std::int32_t size, std::int32_t before, std::int32_t own, std::int32_t together);

// The same of the rows or columns that the cores' `regions` of a view gather, by when they are written: empty when they
// are written at about the same time, or in turns. `places` is by stored tensor.
std::vector<Segment> halves_in_time(const lower::View& view, const std::vector<map::Region>& regions,
                                    const std::vector<Places>& places, Halves along);

// Do linear layers alone read the tensor, and no output of the network?
bool read_by_linear_layers(const lower::LayerGraph& graph, std::int32_t tensor);

}  // namespace northpole::schedule
