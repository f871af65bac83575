// The constant registers of the vector units: two halves that layers take in turn, so that one layer's function and lane
// constants are loaded while the layer before still uses its own. A half holds the function in its first two registers and
// as many lane groups' constants as fit in slots behind it.
#pragma once

#include <cstdint>
#include <vector>

#include "chip/chip_description.h"
#include "schedule/cycles.h"

namespace northpole::schedule {

class ConstantRegisters {
 public:
  explicit ConstantRegisters(const chip::ChipDescription& chip);

  // Turns to the other half (or stays, where one half is too small) for a layer with `lane_words` words a lane group.
  void next_layer(std::uint32_t lane_words);
  std::uint32_t function_register() const { return base_; }
  std::uint32_t slots() const { return slots_; }
  std::uint32_t slot_register(std::uint32_t slot) const { return base_ + 2 + slot * lane_words_; }
  // First cycle in which the registers may be loaded anew.
  Cycle free_from(std::uint32_t first, std::uint32_t words) const;
  void used_until(std::uint32_t first, std::uint32_t words, Cycle cycle);

 private:
  std::uint32_t registers_, base_ = 0, lane_words_ = 0, slots_ = 0;
  std::vector<Cycle> last_use_;
};

}  // namespace northpole::schedule
