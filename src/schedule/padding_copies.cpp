#include "schedule/padding_copies.h"

#include <algorithm>

namespace northpole::schedule {

namespace {

std::vector<std::uint8_t> word_of(const lower::View& view) {
  const int bits = view.quantization.bits;
  const unsigned code = static_cast<unsigned>(view.padding) & ((1U << bits) - 1U);
  unsigned byte = 0;
  for (int shift = 0; shift < 8; shift += bits) byte |= code << shift;
  return std::vector<std::uint8_t>(chip::word_bytes, static_cast<std::uint8_t>(byte));
}

bool padded(const lower::View& view) {
  return std::any_of(view.maps.begin(), view.maps.end(), [](const lower::SpatialMap& map) {
    const auto outside = [](std::int32_t i) { return i < 0; };
    return std::any_of(map.row.begin(), map.row.end(), outside) ||
           std::any_of(map.column.begin(), map.column.end(), outside);
  });
}

}  // namespace

PaddingWords::PaddingWords(const lower::LayerGraph& graph, std::uint16_t tag, const chip::ChipDescription& chip,
                           MemoryPlan& memory)
    : tag_(tag) {
  const auto add = [&](const lower::View& view) {
    if (!padded(view)) return;
    const auto bytes = word_of(view);
    auto& addresses = addresses_[bytes];
    if (!addresses.empty()) return;
    isa::Word word;
    std::copy(bytes.begin(), bytes.end(), word.begin());
    for (std::uint32_t core = 0; core < chip.cores(); ++core)
      addresses.push_back(memory.place(core, memory.static_bank(), tag, {word}));
  };
  for (const lower::Layer& layer : graph.layers)
    for (const lower::View& view : layer.inputs) add(view);
  for (const lower::FrameOutput& output : graph.outputs) add(output.view);
}

Cycle PaddingWords::fill(const lower::View& view, Holding& to, Resources& resources, RunPlan& plan) const {
  if (!padded(view)) return 0;
  const auto& constant = addresses_.at(word_of(view));
  const std::uint32_t group_cores = plan.group_cores();
  Cycle first = 0;
  for (std::uint32_t core = 0; core < to.regions.size(); ++core) {
    const map::Region& region = to.regions[core];
    for (std::int32_t segment = to.segments.empty() ? -1 : 0; segment < static_cast<std::int32_t>(to.segments.size());
         ++segment) {
    std::vector<TimedInstruction> copies;
    std::vector<std::size_t> words;  // index in the holding's cycles
    const map::Region part = to.part(core, segment);
    std::uint32_t bank = 0;
    for (std::int32_t block = region.block0; block < region.block1 && !region.empty(); ++block) {
      const auto& spatial = view.maps[static_cast<std::size_t>(view.blocks[static_cast<std::size_t>(block)].map)];
      for (std::int32_t y = part.y0; y < part.y1; ++y)
        for (std::int32_t x = part.x0; x < part.x1; ++x) {
          if (spatial.row[static_cast<std::size_t>(y)] >= 0 && spatial.column[static_cast<std::size_t>(x)] >= 0)
            continue;
          isa::Instruction copy;
          copy.opcode = isa::Opcode::copy;
          copy.tensor[isa::operand_a] = tag_;
          copy.operand[isa::operand_b] = static_cast<std::uint16_t>(to.address(core, y, x, block));
          copy.tensor[isa::operand_b] = to.tag;
          bank = resources.bank_of(copy.operand[isa::operand_b]);
          copies.push_back({copies.size(), copy});
          words.push_back(to.index(region, y, x, block));
        }
    }
    std::size_t next = 0;
    for (const TimedInstruction& timed : rolled(std::move(copies))) {
      const Cycle count = span(timed.instruction) + 1;
      std::vector<Need> needs = {{&resources.bank(core, bank), 1, count}};
      for (std::uint32_t c = core; c < plan.groups() * group_cores; c += group_cores)
        needs.push_back({&resources.memory[c], 0, count + 1});
      const Cycle start =
          earliest(needs, std::max<Cycle>(to.free_from(part.y0 - region.y0, part.x0 - region.x0), 2) - 1);
      take(needs, start);
      first = first == 0 ? start : std::min(first, start);
      for (std::uint32_t c = core; c < plan.groups() * group_cores; c += group_cores) {
        isa::Instruction copy = timed.instruction;
        copy.operand[isa::operand_a] = static_cast<std::uint16_t>(constant[c]);
        plan.add(c, isa::Thread::memory, start, std::move(copy));
      }
      for (Cycle k = 0; k < count; ++k) to.ready[core][words[next++]] = start + k + 1;
      to.used(start + count);
      plan.lasts_until(start + count + 1);
    }
    }
  }
  return first;
}

}  // namespace northpole::schedule
