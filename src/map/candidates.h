// All mappings of a layer that are worth a look.
#pragma once

#include <cstdint>
#include <vector>

#include "map/mapping.h"

namespace northpole::map {

// Every cut of rows, columns, output words and input words over group_rows rows and the columns of the chip, without
// those in which a whole row of parts would idle, in a fixed order. input_parts divides the words that are read. Throws
// Error naming the layer, and the words that the smallest tile lacks, when none fits into the memory.
std::vector<Mapping> candidates(const lower::Layer& layer, const lower::StoredTensor& output,
                                const chip::ChipDescription& chip, std::uint32_t group_rows);

}  // namespace northpole::map
