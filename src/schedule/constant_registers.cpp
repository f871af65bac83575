#include "schedule/constant_registers.h"

#include <algorithm>

namespace northpole::schedule {

ConstantRegisters::ConstantRegisters(const chip::ChipDescription& chip)
    : registers_(chip.constant_words), last_use_(chip.constant_words, 0) {}

void ConstantRegisters::next_layer(std::uint32_t lane_words, std::uint32_t groups) {
  lane_words_ = lane_words;
  const std::uint32_t half = registers_ / 2, most = half >= 2 + 2 * lane_words ? half : registers_;
  slots_ = lane_words == 0 ? 1 : std::min(std::max(groups, 1U), (most - 2) / lane_words);
  const std::uint32_t size = 2 + slots_ * lane_words;
  base_ = next_ + size <= registers_ ? next_ : 0;
  next_ = base_ + size;
}

Cycle ConstantRegisters::free_from(std::uint32_t first, std::uint32_t words) const {
  return *std::max_element(last_use_.begin() + first, last_use_.begin() + first + std::max(words, 1U)) + 1;
}

void ConstantRegisters::used_until(std::uint32_t first, std::uint32_t words, Cycle cycle) {
  for (std::uint32_t r = first; r < first + words; ++r) last_use_[r] = std::max(last_use_[r], cycle);
}

}  // namespace northpole::schedule
