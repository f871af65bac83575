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
    if (works(core, tile, group)) needs.push_back({&resources.partial_sums[core], hop(core), pixels * interval + 1});
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
  // All rows of a pixel tile lie in one segment.
  const std::uint32_t output_bank = resources.bank_of(output.first_word(tile.y0));
  // Rows of the tile whose second operands lie in one segment.
  struct Rows {
    std::int32_t first = 0, last = 0;
    std::uint32_t second_bank = 0;
  };
  std::vector<Rows> runs;
  for (std::int32_t y = 0; y < tile.y1 - tile.y0; ++y) {
    const std::uint32_t bank = second ? resources.bank_of(job_.inputs[1]->first_word(tile.y0 + y)) : 0;
    const auto segment = [&](std::int32_t row) { return second ? job_.inputs[1]->segment_of(tile.y0 + row) : 0; };
    if (runs.empty() || segment(y) != segment(y - 1)) runs.push_back({y, y, bank});
    runs.back().last = y + 1;
  }
  // Reads of the second operand, one cycle after an event, must not meet its writes.
  Cycle interval = job_.mapping.input_parts > 1 ? state_.chip.partial_sum_link_cycles : 1;
  for (const Rows& rows : runs)
    if (second && rows.second_bank == output_bank)
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
    needs.push_back({&resources.vector[core], 0, pixels * interval + 1});
    needs.push_back({&resources.bank(core, output_bank), state_.chip.vector_latency, pixels, interval});
    if (!second) continue;
    const auto row_pixels = static_cast<Cycle>(tile.width());
    for (const Rows& rows : runs)
      needs.push_back({&resources.bank(core, rows.second_bank),
                       1 + static_cast<Cycle>(rows.first) * row_pixels * interval,
                       static_cast<Cycle>(rows.last - rows.first) * row_pixels, interval});
    const std::int32_t block = lane_group(core) / parts_of_second;
    for (std::int32_t y = 0; y < own.rows; ++y)
      for (std::int32_t x = 0; x < own.columns; ++x) {
        const Cycle k = static_cast<Cycle>(y * tile.width() + x) * interval;
        const Cycle there = job_.inputs[1]->when(core, out.y0 + tile.y0 + y, out.x0 + tile.x0 + x, block);
        if (there > k) floor = std::max(floor, there - k);
      }
  }
  // Nor may words be written before their place is free.
  if (output.free_from(tile.y0) > floor + state_.chip.vector_latency)
    floor = output.free_from(tile.y0) - state_.chip.vector_latency;
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
    for (const Rows& rows : runs) {
      const std::int32_t count = std::min(rows.last, own.rows) - rows.first, y0 = out.y0 + tile.y0 + rows.first;
      if (count <= 0) continue;
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
      vector.operand[isa::operand_a] = static_cast<std::uint16_t>(
          (unit.sums + static_cast<std::uint32_t>(rows.first * tile.width())) % state_.chip.partial_sums);
      vector.operand[isa::operand_c] = static_cast<std::uint16_t>(constants_.register_of(group));
      vector.operand[isa::operand_d] = static_cast<std::uint16_t>(output.address(core, y0, out.x0 + tile.x0, block));
      vector.tensor[isa::operand_d] = output.tag;
      if (second) {
        const Holding& other = *job_.inputs[1];
        vector.operand[isa::operand_b] =
            static_cast<std::uint16_t>(other.address(core, y0, out.x0 + tile.x0, lane_group(core) / parts_of_second));
        vector.tensor[isa::operand_b] = other.tag;
        down[1] = other.pitch_y;
        across[1] = other.pitch_x;
        vector_parts.second = static_cast<std::uint8_t>(lane_group(core) % parts_of_second);
      }
      vector.immediate[1] = isa::encode(vector_parts);
      vector.loops = {loop_of(count, static_cast<std::int64_t>(interval) * tile.width(), down),
                      loop_of(own.columns, static_cast<std::int64_t>(interval), across)};
      simplify(vector);
      state_.plan.add(core, Thread::vector,
                      start + static_cast<Cycle>(rows.first) * static_cast<Cycle>(tile.width()) * interval,
                      std::move(vector));
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
