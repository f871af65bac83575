// Made-up pictures to calibrate generated networks with.
#pragma once

#include <cstdint>

#include "data/picture.h"

namespace northpole::generate {

// Soft coloured patches with fine noise: the size, contrast and neighbourhood of pixels of a photograph, not its content.
data::Picture random_picture(std::uint64_t seed, std::int64_t index, int width, int height);

}  // namespace northpole::generate
