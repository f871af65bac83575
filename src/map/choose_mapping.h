// The choice of a mapping for one layer: the cheapest of all splits, by an estimate of its cycles.
#pragma once

#include <string>

#include "map/mapping.h"

namespace northpole::map {

// Estimated cycles of a layer in a mapping; parts that overlap are not added.
struct Estimate {
  std::uint64_t receive = 0;  // input words into the fullest core
  std::uint64_t weights = 0;  // weight words into it
  std::uint64_t compute = 0;  // VMM or vector issues
  std::uint64_t reduce = 0;   // partial sums
  std::uint64_t total = 0;
};

struct Choice {
  Mapping mapping;
  Estimate estimate;
};

// `source` is the mapping of the tensor that the layer reads, if it has one: an element-wise layer in that mapping
// needs no transfer, and tiles that line up make short programs. Throws Error naming the layer when no split fits into
// the memories, with the words that it lacks.
Choice choose_mapping(const lower::Layer& layer, const lower::StoredTensor& output, const chip::ChipDescription& chip,
                      const Mapping* source);

}  // namespace northpole::map
