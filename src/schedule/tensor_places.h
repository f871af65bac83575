// Where stored tensors lie, and until when.
#pragma once

#include <cstdint>
#include <vector>

#include "lower/layer.h"
#include "program/program.h"
#include "schedule/gather.h"

namespace northpole::schedule {

// For each stored tensor the step that reads it last: a layer's index, or the number of layers plus an output's index.
// A tensor that nobody reads lasts for its own layer.
std::vector<std::int32_t> last_uses(const lower::LayerGraph& graph);

// The view is the stored tensor, whole and in order.
bool is_whole(const lower::View& view, const lower::StoredTensor& stored);

// The view is the stored tensor, whole and in order, with padding around it; `top` and `left`: how much before it.
bool is_padded(const lower::View& view, const lower::StoredTensor& stored, std::int32_t& top, std::int32_t& left);

// For comparison with the reference: the pieces in the cores' memories, complete after `cycle`.
program::TensorLocation location_of(const lower::StoredTensor& stored, std::uint16_t tag,
                                    const std::vector<Piece>& pieces, std::uint64_t cycle);

}  // namespace northpole::schedule
