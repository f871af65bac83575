#include "schedule/lane_constants.h"

#include <algorithm>

namespace northpole::schedule {

LaneConstants::LaneConstants(const LayerPlacement& placement, MemoryPlan& memory, const chip::ChipDescription& chip)
    : placement_(placement), lane_words_(placement.layer->lane_words), address_(chip.cores(), 0) {
  capacity_ = lane_words_ == 0 ? 1 << 20 : (static_cast<std::int32_t>(chip.constant_words) - 2) / lane_words_;
  const auto function = isa::encode(placement.layer->function);
  for (std::uint32_t core = 0; core < chip.cores(); ++core) {
    const map::Region& out = placement.output.regions[core];
    if (out.empty()) continue;
    std::vector<isa::Word> words(function.begin(), function.end());
    const auto& constants = placement.layer->lane_constants;
    if (lane_words_ != 0)
      words.insert(words.end(), constants.begin() + static_cast<std::ptrdiff_t>(out.block0) * lane_words_,
                   constants.begin() + static_cast<std::ptrdiff_t>(out.block1) * lane_words_);
    address_[core] = memory.place(core, placement.constants_bank, placement.constants_tag, std::move(words));
  }
}

std::uint64_t LaneConstants::load(SegmentPlan& segment, std::uint32_t core, std::uint64_t not_before,
                                  std::int32_t first, bool with_function) const {
  const map::Region& out = placement_.output.regions[core];
  const std::int32_t blocks = std::min(capacity_, out.blocks() - first);
  const auto add = [&](std::uint32_t address, std::uint32_t reg, std::uint32_t words) {
    isa::Instruction load;
    load.opcode = isa::Opcode::constants;
    load.operand[isa::operand_a] = static_cast<std::uint16_t>(address);
    load.tensor[isa::operand_a] = placement_.constants_tag;
    load.operand[isa::operand_c] = static_cast<std::uint16_t>(reg);
    isa::Loop loop;
    loop.count = static_cast<std::uint16_t>(words);
    loop.interval = 1;
    loop.stride = {1, 0, 1, 0};
    load.loops.push_back(loop);
    simplify(load);
    segment.add(core, Thread::vector, std::max(segment.free_from(core, Thread::vector), not_before), load);
  };
  if (with_function && first == 0) {
    add(address_[core], 0, 2 + static_cast<std::uint32_t>(lane_words_ * (lane_words_ == 0 ? 0 : blocks)));
  } else {
    if (with_function) add(address_[core], 0, 2);
    if (lane_words_ != 0)
      add(address_[core] + 2 + static_cast<std::uint32_t>(first * lane_words_), 2,
          static_cast<std::uint32_t>(blocks * lane_words_));
  }
  return segment.free_from(core, Thread::vector);
}

}  // namespace northpole::schedule
