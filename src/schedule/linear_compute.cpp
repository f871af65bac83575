#include "schedule/linear_compute.h"

#include <algorithm>

namespace northpole::schedule {

using isa::Instruction;
using isa::Loop;
using isa::Opcode;

struct LinearCompute::State {
  std::uint64_t begin = 1;      // when the inputs are there; before it other threads use the banks of constants
  std::uint64_t next = 1;       // when the VMM is free
  std::uint64_t last_pass = 1;  // start of the newest pass
  std::uint32_t ring = 0;       // next weight block
  std::uint32_t sums = 0;       // first partial sum of the output block in work
  std::uint32_t next_sums = 0;
  std::vector<std::uint64_t> ring_free, sum_free;
  std::vector<std::int32_t> loaded;  // first block whose constants the core has; -1: none
};

LinearCompute::LinearCompute(const LayerPlacement& placement, MemoryPlan& memory, const chip::ChipDescription& chip)
    : placement_(placement), chip_(chip), weights_(placement, memory, chip), constants_(placement, memory, chip) {
  const map::Mapping& m = placement.mapping;
  const std::int32_t rows = std::max(1, static_cast<std::int32_t>(chip.partial_sums) / m.tile_width);
  const auto& chunks = weights_.chunks();
  for (std::int32_t row = 0; row < m.tile_height; row += rows)
    for (std::size_t chunk = 0; chunk < chunks.size();) {
      std::size_t end = chunk + 1;
      while (chunks[end - 1].product_last != weights_.products()) ++end;
      units_.push_back({row, std::min(row + rows, m.tile_height), chunk, end});
      chunk = end;
    }
}

std::vector<LinearCompute::Pass> LinearCompute::passes(const Chunk& chunk) const {
  const std::int32_t first = chunk.product_first, last = chunk.product_last;
  const lower::Layer& layer = *placement_.layer;
  const Gathered& input = placement_.inputs[0];
  const std::int32_t slice = layer.weights.used_blocks / placement_.mapping.input_parts;
  std::vector<TimedInstruction> products;
  for (std::int32_t k = first; k < last; ++k) {
    const std::int32_t tap = k / slice;
    const std::int32_t offset = tap / layer.window_width * layer.dilation_y * static_cast<std::int32_t>(input.pitch_y) +
                                tap % layer.window_width * layer.dilation_x * static_cast<std::int32_t>(input.pitch_x) +
                                k % slice;
    Instruction product;
    product.opcode = Opcode::multiply;
    product.operand[isa::operand_a] = static_cast<std::uint16_t>(offset);
    product.operand[isa::operand_b] = static_cast<std::uint16_t>(chunk.stored == chunk.products() ? k - first : 0);
    products.push_back({static_cast<std::uint64_t>(k - first), product});
  }
  std::vector<Pass> result;
  for (auto& timed : rolled(std::move(products))) {
    Pass pass;
    pass.length = span(timed.instruction) + 1;
    pass.nest = std::move(timed.instruction);
    pass.blocks = chunk.stored == chunk.products() ? BlockUse::one_each : BlockUse::one_for_all;
    result.push_back(std::move(pass));
  }
  // A block for all products is used up with the last of them.
  for (std::size_t i = 0; i + 1 < result.size(); ++i)
    if (result[i].blocks == BlockUse::one_for_all) result[i].blocks = BlockUse::one_kept;
  return result;
}

void LinearCompute::multiply(SegmentPlan& segment, State& state, const Unit& unit, const Pass& pass, std::int32_t block,
                             std::uint32_t ring, bool initialize) const {
  const lower::Layer& layer = *placement_.layer;
  const Gathered& input = placement_.inputs[0];
  const map::Mapping& m = placement_.mapping;
  const std::int32_t slice = layer.weights.used_blocks / m.input_parts;
  for (std::uint32_t core = 0; core < chip_.cores(); ++core) {
    const map::CorePart& part = placement_.parts[core];
    if (part.output.empty() || block >= part.output.blocks()) continue;
    const std::int32_t rows = std::min(unit.row_last, part.output.height()) - unit.row_first;
    if (rows <= 0) continue;
    const std::int32_t first_block = layer.weights.first_block[static_cast<std::size_t>(part.output.block0 + block)] +
                                     part.input_part * slice - input.regions[core].block0;
    Instruction instruction = pass.nest;
    isa::MultiplyMode mode;
    mode.activation_signed = layer.inputs[0].quantization.is_signed;
    instruction.flags = static_cast<std::uint8_t>((pass.blocks == BlockUse::one_kept ? 0 : isa::multiply_release) |
                                                  (initialize ? isa::multiply_initialize : 0));
    const std::size_t inner = instruction.loops.size();
    // A block is used up at the tile's last position; one for all products also with the last product.
    const auto product_loops = static_cast<std::uint8_t>(((1U << inner) - 1U) << 2);
    mode.release_mask = pass.blocks == BlockUse::one_each      ? 3
                        : pass.blocks == BlockUse::one_for_all ? 3 | product_loops
                                                               : 0;
    mode.initialize_mask = initialize ? product_loops : std::uint8_t{0};
    instruction.immediate[0] = isa::encode(mode);
    const auto address = static_cast<std::int64_t>(input.base) + instruction.operand[isa::operand_a] + first_block +
                         static_cast<std::int64_t>(unit.row_first) * layer.stride_y * input.pitch_y;
    instruction.operand[isa::operand_a] = static_cast<std::uint16_t>(address);
    instruction.tensor[isa::operand_a] = input.tag;
    instruction.operand[isa::operand_b] =
        static_cast<std::uint16_t>((ring + instruction.operand[isa::operand_b]) % chip_.weight_blocks);
    instruction.operand[isa::operand_c] = static_cast<std::uint16_t>(state.sums);
    Loop down, across;
    down.count = static_cast<std::uint16_t>(rows);
    down.interval = static_cast<std::uint32_t>(pass.length) * static_cast<std::uint32_t>(m.tile_width);
    down.stride = {static_cast<std::int16_t>(layer.stride_y * static_cast<std::int32_t>(input.pitch_y)), 0,
                   static_cast<std::int16_t>(m.tile_width), 0};
    across.count = static_cast<std::uint16_t>(part.output.width());
    across.interval = static_cast<std::uint32_t>(pass.length);
    across.stride = {static_cast<std::int16_t>(layer.stride_x * static_cast<std::int32_t>(input.pitch_x)), 0, 1, 0};
    instruction.loops.insert(instruction.loops.begin(), {down, across});
    simplify(instruction);
    segment.add(core, Thread::vmm, state.next, std::move(instruction));
  }
}

void LinearCompute::finish(SegmentPlan& segment, State& state, const Unit& unit, std::int32_t block,
                           std::uint64_t length) const {
  const map::Mapping& m = placement_.mapping;
  const std::int32_t rows = unit.row_last - unit.row_first;
  const std::int32_t positions = rows * m.tile_width;
  const std::uint64_t link = chip_.partial_sum_link_cycles;
  const bool reduce = m.input_parts > 1;
  const std::uint64_t interval = reduce ? std::max(length, link) : length;
  std::uint64_t ready = state.last_pass + length - 1 + chip_.vmm_latency;
  const auto loops_over = [&](Instruction& instruction, const map::Region& out, std::uint64_t step,
                              std::array<std::int32_t, 4> down, std::array<std::int32_t, 4> across) {
    Loop outer, inner;
    outer.count = static_cast<std::uint16_t>(std::min(unit.row_last, out.height()) - unit.row_first);
    outer.interval = static_cast<std::uint32_t>(step) * static_cast<std::uint32_t>(m.tile_width);
    inner.count = static_cast<std::uint16_t>(out.width());
    inner.interval = static_cast<std::uint32_t>(step);
    for (std::size_t i = 0; i < 4; ++i) {
      outer.stride[i] = static_cast<std::int16_t>(down[i]);
      inner.stride[i] = static_cast<std::int16_t>(across[i]);
    }
    instruction.loops = {outer, inner};
    simplify(instruction);
  };
  const auto works = [&](std::uint32_t core) {
    const map::Region& out = placement_.parts[core].output;
    return !out.empty() && block < out.blocks() && unit.row_first < out.height();
  };

  if (reduce) {
    // All chains start together, when every core's pass thread is free.
    for (std::uint32_t core = 0; core < chip_.cores(); ++core)
      if (works(core)) {
        const auto later =
            static_cast<std::uint64_t>(m.input_parts - 1 - placement_.parts[core].input_part) * (1 + link);
        // The last vector occupies its link for a while.
        const std::uint64_t free = segment.free_from(core, Thread::partial_sums) + link - 1;
        if (ready + later < free) ready = free - later;
      }
    for (std::uint32_t core = 0; core < chip_.cores(); ++core) {
      if (!works(core)) continue;
      const map::CorePart& part = placement_.parts[core];
      Instruction pass;
      pass.opcode = Opcode::pass;
      isa::PassMode mode;
      mode.in = part.input_part == m.input_parts - 1 ? isa::Direction::none : isa::Direction::east;
      mode.out = part.input_part == 0 ? isa::Direction::none : isa::Direction::west;
      pass.immediate[0] = isa::encode(mode);
      pass.operand[isa::operand_a] = static_cast<std::uint16_t>(state.sums);
      loops_over(pass, part.output, interval, {m.tile_width, 0, 0, 0}, {1, 0, 0, 0});
      segment.add(core, Thread::partial_sums,
                  ready + static_cast<std::uint64_t>(m.input_parts - 1 - part.input_part) * (1 + link), pass);
    }
    ready += static_cast<std::uint64_t>(m.input_parts - 1) * (1 + link) + 1;
  }

  // Constants first, where the block's are not loaded.
  for (std::uint32_t core = 0; core < chip_.cores(); ++core) {
    if (!works(core) || placement_.output.regions[core].empty()) continue;
    std::int32_t& loaded = state.loaded[core];
    if (loaded < 0 || block < loaded || block >= loaded + constants_.capacity()) {
      const std::int32_t first = block / constants_.capacity() * constants_.capacity();
      constants_.load(segment, core, state.begin, first, loaded < 0);
      loaded = first;
    }
    ready = std::max(ready, segment.free_from(core, Thread::vector));
  }
  for (std::uint32_t core = 0; core < chip_.cores(); ++core) {
    const map::Region& out = placement_.output.regions[core];
    if (!works(core) || out.empty()) continue;
    Instruction vector;
    vector.opcode = Opcode::vector;
    vector.immediate[0] = isa::encode(isa::VectorMode{});
    vector.operand[isa::operand_a] = static_cast<std::uint16_t>(state.sums);
    vector.operand[isa::operand_c] = constants_.operand(block, state.loaded[core]);
    vector.operand[isa::operand_d] = static_cast<std::uint16_t>(
        placement_.output.base + static_cast<std::uint32_t>(unit.row_first) * placement_.output.pitch_y +
        static_cast<std::uint32_t>(block));
    vector.tensor[isa::operand_d] = placement_.output.tag;
    loops_over(vector, out, interval, {m.tile_width, 0, 0, static_cast<std::int32_t>(placement_.output.pitch_y)},
               {1, 0, 0, static_cast<std::int32_t>(placement_.output.pitch_x)});
    segment.add(core, Thread::vector, ready, vector);
    segment.lasts_until(segment.free_from(core, Thread::vector) + chip_.vector_latency);
  }
  for (std::int32_t p = 0; p < positions; ++p)
    state.sum_free[(state.sums + static_cast<std::uint32_t>(p)) % chip_.partial_sums] =
        ready + static_cast<std::uint64_t>(p) * interval;
}

void LinearCompute::plan(SegmentPlan& segment, std::uint64_t not_before, std::size_t first, std::size_t last) {
  State state;
  state.begin = state.next = not_before;
  state.ring_free.assign(chip_.weight_blocks, 1);
  state.sum_free.assign(chip_.partial_sums, 1);
  state.loaded.assign(chip_.cores(), -1);
  std::uint64_t waited_for_weights = 0;
  const std::uint64_t begin = state.next;
  for (std::size_t u = first; u < last; ++u) {
    const Unit& unit = units_[u];
    const auto positions = static_cast<std::uint32_t>((unit.row_last - unit.row_first) * placement_.mapping.tile_width);
    for (std::size_t c = unit.chunk_first; c < unit.chunk_last; ++c) {
      const Chunk& chunk = weights_.chunks()[c];
      const auto blocks = static_cast<std::uint32_t>((chunk.block_last - chunk.block_first) * chunk.stored);
      std::uint64_t empty = 1;
      for (std::uint32_t i = 0; i < blocks; ++i)
        empty = std::max(empty, state.ring_free[(state.ring + i) % chip_.weight_blocks]);
      const std::uint64_t there = weights_.bring(segment, c, state.ring, empty, unit.row_first) + 1;
      if (there > state.next) waited_for_weights += there - state.next;
      state.next = std::max(state.next, there);
      const auto passes_of_chunk = passes(chunk);
      for (std::int32_t block = chunk.block_first; block < chunk.block_last; ++block) {
        const std::uint32_t ring = state.ring + static_cast<std::uint32_t>((block - chunk.block_first) * chunk.stored);
        if (chunk.product_first == 0) {
          state.sums = state.next_sums;
          state.next_sums = (state.next_sums + positions) % chip_.partial_sums;
        }
        std::uint64_t length = 0;
        for (std::size_t i = 0; i < passes_of_chunk.size(); ++i) {
          const Pass& pass = passes_of_chunk[i];
          const bool initialize = chunk.product_first == 0 && i == 0;
          if (initialize)
            for (std::uint32_t p = 0; p < positions; ++p) {
              const std::uint64_t free = state.sum_free[(state.sums + p) % chip_.partial_sums];
              if (state.next + p * pass.length < free) state.next = free - p * pass.length;
            }
          multiply(segment, state, unit, pass, block, ring, initialize);
          state.last_pass = state.next;
          state.next += pass.length * positions;
          length = pass.length;
        }
        if (chunk.product_last == weights_.products()) finish(segment, state, unit, block, length);
      }
      for (std::uint32_t i = 0; i < blocks; ++i) state.ring_free[(state.ring + i) % chip_.weight_blocks] = state.next;
      state.ring = (state.ring + blocks) % chip_.weight_blocks;
    }
  }
  segment.compute_cycles += segment.end - begin;
  if (waited_for_weights * 2 > segment.end - begin) segment.bound = "weights";
}

}  // namespace northpole::schedule
