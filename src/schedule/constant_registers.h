// The constant registers of the vector units, a ring that layers take parts of in turn, so that a layer's function and
// lane constants are loaded while the layers before still use their own. A part holds the function in its first two
// registers and the lane groups' constants in slots behind it: of all of them, or of as many as fit into half of the
// ring (into all of it where half is too small for two).
#pragma once

#include <cstdint>
#include <vector>

#include "chip/chip_description.h"
#include "schedule/cycles.h"

namespace northpole::schedule {

class ConstantRegisters {
 public:
  explicit ConstantRegisters(const chip::ChipDescription& chip);

  // Turns to the next part, for a layer with `groups` lane groups of `lane_words` words each.
  void next_layer(std::uint32_t lane_words, std::uint32_t groups);
  std::uint32_t function_register() const { return base_; }
  std::uint32_t slots() const { return slots_; }
  std::uint32_t slot_register(std::uint32_t slot) const { return base_ + 2 + slot * lane_words_; }
  // First cycle in which the registers may be loaded anew.
  Cycle free_from(std::uint32_t first, std::uint32_t words) const;
  void used_until(std::uint32_t first, std::uint32_t words, Cycle cycle);

 private:
  std::uint32_t registers_, next_ = 0, base_ = 0, lane_words_ = 0, slots_ = 0;
  std::vector<Cycle> last_use_;
};

}  // namespace northpole::schedule
