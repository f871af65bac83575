// Views that are a stored tensor as it lies.
#pragma once

#include "lower/layer.h"

namespace northpole::lower {

// The view is the stored tensor, whole and in order.
bool is_whole(const View& view, const StoredTensor& stored);

// The view is the stored tensor, whole and in order, with padding around it or none; `top` and `left`: rows and columns of
// padding before it.
bool is_padded(const View& view, const StoredTensor& stored, std::int32_t& top, std::int32_t& left);

}  // namespace northpole::lower
