// Where the vector units' constants lie: at the tops of the data banks, each layer's in one bank, in every core.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "chip/chip_description.h"
#include "schedule/memory_plan.h"

namespace northpole::schedule {

// Words that are kept for constants. Each layer's go where they disturb least, so that one bank may take more than its
// third. Where weights lie in the data banks, too, room is dear: then each layer has its bank from the start, so that
// all are equally full.
class ConstantsRoom {
 public:
  // `constants`: words of 32 bytes by layer (constant_words_of()), the same in every core. The memory holds the
  // weights.
  ConstantsRoom(std::vector<std::uint32_t> constants, const chip::ChipDescription& chip, const MemoryPlan& memory);

  // Words of a data bank that are still kept.
  std::uint32_t words(std::uint32_t bank) const { return left_[bank]; }
  // The bank for a layer's constants; they are not kept any more. The VMM reads banks `before` in the layer before and
  // `now` in this one. Throws Error naming the layer when they do not fit.
  std::uint32_t take(std::size_t index, const std::string& layer, const std::vector<std::uint32_t>& before,
                     const std::vector<std::uint32_t>& now);

 private:
  std::vector<std::uint32_t> constants_;
  std::vector<std::uint32_t> left_;  // by data bank
  std::vector<std::uint32_t> bank_;  // by layer, where room is dear
};

}  // namespace northpole::schedule
