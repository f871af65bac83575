// A picture in characters.
#pragma once

#include <string>

#include "data/picture.h"

namespace northpole::cli {

// At most `columns` characters wide, two rows of pixels a line, each pixel as wide as it is high: half blocks in 24-bit
// colour, or, without colour, grey levels (one pixel is two characters wide).
std::string drawing(const data::Picture& picture, int columns, bool colour);

}  // namespace northpole::cli
