// What follows a linear layer's passes: partial sums of input parts, then the vector unit.
#include <algorithm>

#include "schedule/linear_job.h"

namespace northpole::schedule {

using isa::Instruction;
using isa::Opcode;
using isa::Thread;
using map::Region;

void LinearJob::reduce(Unit& unit) {
  const Tile& tile = tiles_[static_cast<std::size_t>(unit.tile)];
  const std::int32_t group = unit.group;
  Resources& resources = state_.resources;
  const std::int32_t parts = job_.mapping.input_parts;
  const Cycle link = state_.chip.partial_sum_link_cycles, interval = link;
  const auto pixels = static_cast<Cycle>(tile.pixels());
  const auto hop = [&](std::uint32_t core) {  // cycles after the start of the chain
    return static_cast<Cycle>(parts - 1 - job_.parts[core].input_part) * (1 + link);
  };
  Cycle floor = 1;
  for (Cycle k = 0; k < pixels; ++k)
    if (unit.ready[k] > k * interval) floor = std::max(floor, unit.ready[k] - k * interval);
  std::vector<Need> needs;
  for (std::uint32_t core = 0; core < job_.parts.size(); ++core)
    if (works(core, tile, group)) needs.push_back({&resources.partial_sums[core], hop(core), pixels * interval});
  const Cycle start = earliest(needs, floor);
  take(needs, start);
  Cycle owner = 0;
  for (std::uint32_t core = 0; core < job_.parts.size(); ++core) {
    if (!works(core, tile, group)) continue;
    const map::CorePart& part = job_.parts[core];
    const Share own = share(core, tile);
    Instruction pass;
    pass.opcode = Opcode::pass;
    isa::PassMode mode;
    mode.in = part.input_part == parts - 1 ? isa::Direction::none : isa::Direction::east;
    mode.out = part.input_part == 0 ? isa::Direction::none : isa::Direction::west;
    pass.immediate[0] = isa::encode(mode);
    pass.operand[isa::operand_a] = static_cast<std::uint16_t>(unit.sums);
    pass.loops = {loop_of(own.rows, static_cast<std::int64_t>(interval) * tile.width(), {tile.width(), 0, 0, 0}),
                  loop_of(own.columns, static_cast<std::int64_t>(interval), {1, 0, 0, 0})};
    simplify(pass);
    state_.plan.add(core, Thread::partial_sums, start + hop(core), std::move(pass));
    owner = std::max(owner, start + hop(core));
  }
  job_.cycles.partial_sum_bound += pixels * link;
  // The owner adds the last part and hands the sum to the vector unit.
  for (Cycle k = 0; k < pixels; ++k) unit.ready[k] = owner + k * interval + 1;
}

void LinearJob::finish(const Unit& unit) {
  const Tile& tile = tiles_[static_cast<std::size_t>(unit.tile)];
  const std::int32_t group = unit.group;
  Resources& resources = state_.resources;
  const auto pixels = static_cast<Cycle>(tile.pixels());
  const bool second = job_.inputs.size() > 1;
  Holding& output = *job_.output;
  // All of a pixel tile lies in one segment.
  const std::uint32_t output_bank = resources.bank_of(output.word(tile.y0, tile.x0));
  // Pixels of the tile whose second operands lie in one segment.
  const std::int32_t rows_of_tile = tile.y1 - tile.y0;
  const auto runs = second ? runs_of(*job_.inputs[1], rows_of_tile, tile.width(),
                                     [&](std::int32_t row, std::int32_t column) {
                                       return job_.inputs[1]->segment_of(tile.y0 + row, tile.x0 + column);
                                     })
                           : std::vector<PixelRun>{{0, rows_of_tile, 0, tile.width()}};
  const auto second_bank = [&](const PixelRun& run) {
    return resources.bank_of(job_.inputs[1]->word(tile.y0 + run.row, tile.x0 + run.column));
  };
  // Reads of the second operand, one cycle after an event, must not meet its writes.
  Cycle interval = job_.mapping.input_parts > 1 ? state_.chip.partial_sum_link_cycles : 1;
  for (const PixelRun& run : runs)
    if (second && second_bank(run) == output_bank)
      while ((state_.chip.vector_latency - 1) % interval == 0) ++interval;

  const Cycle loaded = constants_.load(group);
  Cycle floor = loaded;
  for (Cycle k = 0; k < pixels; ++k)
    if (unit.ready[k] > k * interval) floor = std::max(floor, unit.ready[k] - k * interval);
  std::vector<Need> needs;
  const std::int32_t parts_of_word = job_.output_tensor->groups_of_block();
  // The second operand's elements may be of another width than the output's.
  const std::int32_t parts_of_second = second ? layer_.inputs[1].block_channels() / lower::lanes : 1;
  const auto owns = [&](std::uint32_t core) { return works(core, tile, group) && job_.parts[core].input_part == 0; };
  const auto lane_group = [&](std::uint32_t core) {
    return map::lane_groups(job_.parts[core].output, *job_.output_tensor).first + group;
  };
  for (std::uint32_t core = 0; core < job_.parts.size(); ++core) {
    if (!owns(core)) continue;
    const Region& out = job_.parts[core].output;
    const Share own = share(core, tile);
    needs.push_back({&resources.vector[core], 0, pixels * interval});
    needs.push_back({&resources.bank(core, output_bank), state_.chip.vector_latency, pixels, interval});
    if (!second) continue;
    for (const PixelRun& run : runs)
      needs.push_back({&resources.bank(core, second_bank(run)),
                       1 + static_cast<Cycle>(run.row * tile.width() + run.column) * interval,
                       static_cast<Cycle>(run.rows) * static_cast<Cycle>(run.columns), interval});
    const std::int32_t block = lane_group(core) / parts_of_second;
    for (std::int32_t y = 0; y < own.rows; ++y)
      for (std::int32_t x = 0; x < own.columns; ++x) {
        const Cycle k = static_cast<Cycle>(y * tile.width() + x) * interval;
        const Cycle there = job_.inputs[1]->when(core, out.y0 + tile.y0 + y, out.x0 + tile.x0 + x, block);
        if (there > k) floor = std::max(floor, there - k);
      }
  }
  // Nor may words be written before their place is free.
  if (const Cycle free = output.free_from(tile.y0, tile.x0); free > floor + state_.chip.vector_latency)
    floor = free - state_.chip.vector_latency;
  // A word's first part comes before its others.
  floor = std::max(floor, finished_from_);
  const Cycle start = earliest(needs, floor);
  take(needs, start);
  finished_from_ = start + 1;

  for (std::uint32_t core = 0; core < job_.parts.size(); ++core) {
    if (!owns(core)) continue;
    const Region& out = job_.parts[core].output;
    const Share own = share(core, tile);
    const std::int32_t block = lane_group(core) / parts_of_word, part = lane_group(core) % parts_of_word;
    for (const PixelRun& run : runs) {
      const std::int32_t rows = std::min(run.rows, own.rows - run.row),
                         columns = std::min(run.columns, own.columns - run.column), y0 = out.y0 + tile.y0 + run.row,
                         x0 = out.x0 + tile.x0 + run.column, pixel = run.row * tile.width() + run.column;
      if (rows <= 0 || columns <= 0) continue;
      Instruction vector;
      vector.opcode = Opcode::vector;
      isa::VectorMode mode;
      mode.function_register = static_cast<std::uint8_t>(constants_.function_register());
      vector.immediate[0] = isa::encode(mode);
      isa::VectorParts vector_parts;
      if (parts_of_word > 1) {
        vector_parts.output = static_cast<std::uint8_t>(part);
        vector_parts.first = part == 0;
        vector_parts.rest = part + 1 < parts_of_word && lane_group(core) + 1 == job_.output_tensor->lane_groups();
      }
      std::array<std::int64_t, 4> down{tile.width(), 0, 0, output.pitch_y}, across{1, 0, 0, output.pitch_x};
      vector.operand[isa::operand_a] =
          static_cast<std::uint16_t>((unit.sums + static_cast<std::uint32_t>(pixel)) % state_.chip.partial_sums);
      vector.operand[isa::operand_c] = static_cast<std::uint16_t>(constants_.register_of(group));
      vector.operand[isa::operand_d] = static_cast<std::uint16_t>(output.address(core, y0, x0, block));
      vector.tensor[isa::operand_d] = output.tag;
      if (second) {
        const Holding& other = *job_.inputs[1];
        vector.operand[isa::operand_b] =
            static_cast<std::uint16_t>(other.address(core, y0, x0, lane_group(core) / parts_of_second));
        vector.tensor[isa::operand_b] = other.tag;
        down[1] = other.pitch_y;
        across[1] = other.pitch_x;
        vector_parts.second = static_cast<std::uint8_t>(lane_group(core) % parts_of_second);
      }
      vector.immediate[1] = isa::encode(vector_parts);
      vector.loops = {loop_of(rows, static_cast<std::int64_t>(interval) * tile.width(), down),
                      loop_of(columns, static_cast<std::int64_t>(interval), across)};
      simplify(vector);
      state_.plan.add(core, Thread::vector, start + static_cast<Cycle>(pixel) * interval, std::move(vector));
    }
    for (std::int32_t y = 0; y < own.rows; ++y)
      for (std::int32_t x = 0; x < own.columns; ++x) {
        Cycle& when = output.when(core, out.y0 + tile.y0 + y, out.x0 + tile.x0 + x, block);
        when = std::max(when, start + static_cast<Cycle>(y * tile.width() + x) * interval + state_.chip.vector_latency);
      }
  }
  const Cycle last = start + (pixels - 1) * interval;
  constants_.used(group, last);
  if (second) job_.inputs[1]->used(last + 1);
  output.used(last + state_.chip.vector_latency);
  state_.plan.lasts_until(last + state_.chip.vector_latency + 1);
  job_.ends(last + state_.chip.vector_latency);
  job_.cycles.vector_bound += pixels;
  // The sums are empty again: the owner's when the vector unit has read them, the others' long before.
  for (Cycle k = 0; k < pixels; ++k)
    state_.sums.free_from[(unit.sums + k) % state_.chip.partial_sums] = start + k * interval;
}

}  // namespace northpole::schedule
