// Linear layers that do an element-wise layer's work as well: what the vector unit makes of a partial sum may go
// through one more function, with a second operand from memory or with constants by channel, before it is stored.
#pragma once

#include "lower/layer.h"
#include "lower/lower.h"

namespace northpole::lower {

// Joins, where the options say so, an element-wise layer with the linear layer that makes one of its inputs, if nobody
// else reads that tensor and it is read as it lies. The joined layer stands where the element-wise one stood, makes its
// tensor and is named after both; the linear layer's own tensor leaves the graph. The clamp of the linear layer's codes
// becomes the function's middle clamp, so that every code stays what it was. Where both inputs are made by such layers,
// the one that runs later is joined. A lane group's constants and the function must fit into the chip's constant
// registers.
void fuse(LayerGraph& graph, const Options& options, const chip::ChipDescription& chip);

}  // namespace northpole::lower
