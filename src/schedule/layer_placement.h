// A layer with everything that has been decided before its cycles: mapping, addresses, tags.
#pragma once

#include <cstdint>
#include <vector>

#include "lower/layer.h"
#include "map/mapping.h"
#include "schedule/memory_plan.h"
#include "schedule/segment_plan.h"
#include "schedule/transfer.h"

namespace northpole::schedule {

struct LayerPlacement {
  const lower::Layer* layer = nullptr;
  map::Mapping mapping;
  std::vector<map::CorePart> parts;  // by core
  std::vector<Gathered> inputs;      // by input; also describes an input that is read where it lies
  Gathered output;  // regions in stored coordinates; empty where a core makes nothing or only partial sums
  std::uint16_t weights_tag = 0, constants_tag = 0;
  std::uint32_t constants_bank = 0;
};

// A layer's arithmetic, in units that may be put into different segments.
class LayerCompute {
 public:
  virtual ~LayerCompute() = default;
  virtual std::size_t units() const = 0;
  // Appends units [first, last) to the segment; no input is read before `not_before`.
  virtual void plan(SegmentPlan& segment, std::uint64_t not_before, std::size_t first, std::size_t last) = 0;
};

}  // namespace northpole::schedule
