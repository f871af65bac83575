#include "schedule/padding.h"

#include <algorithm>

namespace northpole::schedule {

using isa::Instruction;
using isa::Opcode;
using map::Region;

bool has_padding(const lower::View& view, const Gathered& gathered) {
  for (const Region& region : gathered.regions)
    for (std::int32_t block = region.block0; block < region.block1 && !region.empty(); ++block) {
      const auto& spatial = view.maps[static_cast<std::size_t>(view.blocks[static_cast<std::size_t>(block)].map)];
      for (std::int32_t y = region.y0; y < region.y1; ++y)
        if (spatial.row[static_cast<std::size_t>(y)] < 0) return true;
      for (std::int32_t x = region.x0; x < region.x1; ++x)
        if (spatial.column[static_cast<std::size_t>(x)] < 0) return true;
    }
  return false;
}

std::uint64_t place_padding(const lower::View& view, const Gathered& gathered,
                            const std::vector<std::uint32_t>& constant, std::uint16_t constant_tag,
                            SegmentPlan& segment) {
  std::uint64_t end = 1;
  for (std::uint32_t core = 0; core < gathered.regions.size(); ++core) {
    const Region& region = gathered.regions[core];
    std::vector<TimedInstruction> copies;
    std::uint64_t cycle = segment.free_from(core, Thread::memory);
    for (std::int32_t y = region.y0; y < region.y1; ++y)
      for (std::int32_t x = region.x0; x < region.x1; ++x)
        for (std::int32_t block = region.block0; block < region.block1; ++block) {
          const auto& spatial = view.maps[static_cast<std::size_t>(view.blocks[static_cast<std::size_t>(block)].map)];
          if (spatial.row[static_cast<std::size_t>(y)] >= 0 && spatial.column[static_cast<std::size_t>(x)] >= 0)
            continue;
          Instruction copy;
          copy.opcode = Opcode::copy;
          copy.operand[isa::operand_a] = static_cast<std::uint16_t>(constant[core]);
          copy.tensor[isa::operand_a] = constant_tag;
          copy.operand[isa::operand_b] =
              static_cast<std::uint16_t>(gathered.base + static_cast<std::uint32_t>(y - region.y0) * gathered.pitch_y +
                                         static_cast<std::uint32_t>(x - region.x0) * gathered.pitch_x +
                                         static_cast<std::uint32_t>(block - region.block0));
          copy.tensor[isa::operand_b] = gathered.tag;
          copies.push_back({cycle++, copy});
        }
    for (auto& timed : rolled(std::move(copies))) {
      end = std::max(end, timed.last() + 2);
      segment.add(core, Thread::memory, timed.start, timed.instruction);
    }
  }
  segment.lasts_until(end);
  return end;
}

}  // namespace northpole::schedule
