#include "schedule/vector_compute.h"

#include <algorithm>

namespace northpole::schedule {

using isa::Instruction;
using isa::Loop;

namespace {

// The smallest interval at which accesses at the given cycles after an event never meet in a bank.
std::uint32_t interval_for(const std::vector<std::pair<std::uint32_t, std::uint32_t>>& bank_and_offset) {
  for (std::uint32_t interval = 1;; ++interval) {
    bool free = true;
    for (std::size_t i = 0; i < bank_and_offset.size(); ++i)
      for (std::size_t j = i + 1; j < bank_and_offset.size(); ++j)
        free &= bank_and_offset[i].first != bank_and_offset[j].first ||
                bank_and_offset[i].second % interval != bank_and_offset[j].second % interval;
    if (free) return interval;
  }
}

Loop loop(std::int32_t count, std::uint64_t interval, std::array<std::int32_t, 4> stride) {
  Loop result;
  result.count = static_cast<std::uint16_t>(count);
  result.interval = static_cast<std::uint32_t>(interval);
  for (std::size_t i = 0; i < 4; ++i) result.stride[i] = static_cast<std::int16_t>(stride[i]);
  return result;
}

}  // namespace

VectorCompute::VectorCompute(const LayerPlacement& placement, MemoryPlan& memory, const chip::ChipDescription& chip)
    : placement_(placement), chip_(chip), constants_(placement, memory, chip) {
  std::vector<std::pair<std::uint32_t, std::uint32_t>> accesses;
  for (std::size_t i = 0; i < placement.inputs.size(); ++i)
    accesses.emplace_back(memory.bank_of(placement.inputs[i].base), i);
  accesses.emplace_back(memory.bank_of(placement.output.base), chip.vector_latency);
  interval_ = interval_for(accesses);
}

std::size_t VectorCompute::units() const {
  const std::int32_t blocks = placement_.mapping.tile_blocks;
  return static_cast<std::size_t>((blocks + constants_.capacity() - 1) / constants_.capacity());
}

void VectorCompute::plan(SegmentPlan& segment, std::uint64_t not_before, std::size_t first, std::size_t last) {
  const lower::Layer& layer = *placement_.layer;
  const bool window = layer.kind == lower::LayerKind::max_pool;
  for (std::uint32_t core = 0; core < chip_.cores(); ++core) {
    const map::Region& out = placement_.parts[core].output;
    if (out.empty()) continue;
    bool fresh = true;
    for (std::size_t unit = first; unit < last; ++unit) {
      const std::int32_t from = static_cast<std::int32_t>(unit) * constants_.capacity();
      const std::int32_t blocks = std::min(out.blocks() - from, constants_.capacity());
      if (blocks <= 0) break;
      const std::uint64_t start = constants_.load(segment, core, not_before, from, fresh);
      fresh = false;
      const Gathered &a = placement_.inputs[0], &output = placement_.output;
      const std::int32_t a_block = out.block0 - a.regions[core].block0;
      Instruction vector;
      vector.opcode = isa::Opcode::vector;
      vector.operand[isa::operand_a] = static_cast<std::uint16_t>(a.base + static_cast<std::uint32_t>(a_block + from));
      vector.tensor[isa::operand_a] = a.tag;
      vector.operand[isa::operand_c] = constants_.operand(from, from);
      vector.operand[isa::operand_d] = static_cast<std::uint16_t>(output.base + static_cast<std::uint32_t>(from));
      vector.tensor[isa::operand_d] = output.tag;
      std::array<std::int32_t, 4> by_y{layer.stride_y * static_cast<std::int32_t>(a.pitch_y), 0, 0,
                                       static_cast<std::int32_t>(output.pitch_y)};
      std::array<std::int32_t, 4> by_x{layer.stride_x * static_cast<std::int32_t>(a.pitch_x), 0, 0,
                                       static_cast<std::int32_t>(output.pitch_x)};
      std::array<std::int32_t, 4> by_block{1, 0, layer.lane_words, 1};
      if (placement_.inputs.size() == 2) {
        const Gathered& b = placement_.inputs[1];
        vector.operand[isa::operand_b] =
            static_cast<std::uint16_t>(b.base + static_cast<std::uint32_t>(out.block0 - b.regions[core].block0 + from));
        vector.tensor[isa::operand_b] = b.tag;
        by_block[1] = 1;
        by_y[1] = static_cast<std::int32_t>(b.pitch_y);
        by_x[1] = static_cast<std::int32_t>(b.pitch_x);
        if (layer.broadcast >= 0)
          by_y[static_cast<std::size_t>(layer.broadcast)] = by_x[static_cast<std::size_t>(layer.broadcast)] = 0;
      }
      isa::VectorMode mode;
      std::uint64_t step = interval_;
      std::vector<Loop> inner;
      if (window) {
        mode.first_mask = mode.last_mask = 8 | 16;
        inner = {loop(layer.window_height, step * static_cast<std::uint64_t>(layer.window_width),
                      {layer.dilation_y * static_cast<std::int32_t>(a.pitch_y), 0, 0, 0}),
                 loop(layer.window_width, step, {layer.dilation_x * static_cast<std::int32_t>(a.pitch_x), 0, 0, 0})};
        step *= static_cast<std::uint64_t>(layer.window_height * layer.window_width);
      }
      vector.immediate[0] = isa::encode(mode);
      vector.loops = {loop(out.height(), step * static_cast<std::uint64_t>(out.width() * blocks), by_y),
                      loop(out.width(), step * static_cast<std::uint64_t>(blocks), by_x), loop(blocks, step, by_block)};
      vector.loops.insert(vector.loops.end(), inner.begin(), inner.end());
      simplify(vector);
      segment.add(core, Thread::vector, start, vector);
      segment.lasts_until(segment.free_from(core, Thread::vector) + chip_.vector_latency);
    }
  }
  segment.compute_cycles += segment.end - not_before;
  segment.bound = "vector unit";
}

}  // namespace northpole::schedule
