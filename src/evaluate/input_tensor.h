// A picture as a network's input, whatever type that has.
#pragma once

#include "data/picture_transform.h"
#include "network/graph.h"

namespace northpole::evaluate {

// The transform's float32 numbers; for an input of codes the nearest codes, as the host writes them for the chip.
network::Tensor input_tensor(const data::PictureTransform& transform, const data::Picture& picture,
                             const network::Port& input);

}  // namespace northpole::evaluate
