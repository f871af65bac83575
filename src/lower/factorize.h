// Finding rows x columns x channels in a list of origins, which is what the machine can read.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "lower/element_view.h"
#include "lower/layer.h"

namespace northpole::lower {

// The view as rows x columns x channels over stored tensors, with `pads` (top, left, bottom, right) more rows and
// columns of code `padding` around it. Nothing when it cannot be expressed that way (or its padding holds several
// codes).
std::optional<View> factorize(const ElementView& view, const std::vector<StoredTensor>& tensors,
                              const std::vector<std::int64_t>& pads, std::int32_t padding);

}  // namespace northpole::lower
