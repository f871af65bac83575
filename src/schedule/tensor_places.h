// Where stored tensors lie, and until when.
#pragma once

#include <cstdint>
#include <vector>

#include "lower/whole_view.h"
#include "program/program.h"
#include "schedule/gather.h"

namespace northpole::schedule {

// For each stored tensor the step that reads it last: a layer's index, or the number of layers plus an output's index.
// A tensor that nobody reads lasts for its own layer.
std::vector<std::int32_t> last_uses(const lower::LayerGraph& graph);

// For comparison with the reference: the pieces in the cores' memories, complete after `cycle`.
program::TensorLocation location_of(const lower::StoredTensor& stored, std::uint16_t tag,
                                    const std::vector<Piece>& pieces, std::uint64_t cycle);

}  // namespace northpole::schedule
