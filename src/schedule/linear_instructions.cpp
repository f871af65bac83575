// The VMM's instructions for the passes of a linear layer.
#include <algorithm>
#include <iterator>

#include "schedule/linear_job.h"

namespace northpole::schedule {

using isa::Instruction;
using isa::Opcode;
using isa::Thread;

void LinearJob::add_instructions(const Pass& pass, Cycle start) {
  if (passing_ != pass.unit || passing_phase_ != pass.phase) flush();
  passing_ = pass.unit;
  passing_phase_ = pass.phase;
  Unit& unit = units_[pass.unit];
  const Tile& tile = tiles_[static_cast<std::size_t>(unit.tile)];
  const Holding& input = *job_.inputs[0];
  const std::int32_t row = cycles_of_row(tile);
  for_each_core(unit, pass.phase, pass.rank, [&](std::uint32_t core, const Share& own, const Columns& columns) {
    const std::size_t at = static_cast<std::size_t>(pass.phase) * job_.parts.size() + core;
    if (unit.passed[at]) unit.second_pass[at] = std::min(unit.second_pass[at], start);
    unit.passed[at] = true;
    const bool done = last_tile_[at] == unit.tile;
    // The same for all its products.
    const std::vector<PixelRun> runs = input_runs(core, tile, order_[pass.rank], own, columns);
    for (std::size_t i = 0; i < runs.size() * pass.ranks; ++i) {
      const PixelRun& run = runs[i / pass.ranks];
      const std::size_t rank = pass.rank + i % pass.ranks;
      const Product& product = order_[rank];
      const std::int32_t column = columns.first + run.column * layer_.phases;
      Instruction multiply;
      multiply.opcode = Opcode::multiply;
      isa::MultiplyMode mode;
      mode.activation_signed = layer_.inputs[0].quantization.is_signed;
      mode.activation_bits = static_cast<std::uint8_t>(layer_.inputs[0].quantization.bits);
      mode.weight_bits = static_cast<std::uint8_t>(layer_.weights.bits);
      multiply.flags = isa::multiply_initialize;
      if ((!stay_ || done) && &run == &runs.back()) {
        multiply.flags |= isa::multiply_release;
        mode.release_mask = 3;
      }
      multiply.immediate[0] = isa::encode(mode);
      multiply.operand[isa::operand_a] =
          static_cast<std::uint16_t>(address(core, unit.group, product, tile.y0 + run.row, tile.x0 + column));
      multiply.tensor[isa::operand_a] = input.tag;
      multiply.operand[isa::operand_b] =
          static_cast<std::uint16_t>(placed(unit.group, pass.phase, rank).ring / weights_.block_words());
      multiply.operand[isa::operand_c] = static_cast<std::uint16_t>(
          (unit.sums + static_cast<std::uint32_t>(run.row * tile.width() + column)) % state_.chip.partial_sums);
      multiply.loops = {loop_of(run.rows, row, {std::int64_t{layer_.stride_y} * input.pitch_y, 0, tile.width(), 0}),
                        loop_of(run.columns, 1, {std::int64_t{layer_.stride_x} * input.pitch_x, 0, layer_.phases, 0})};
      simplify(multiply);
      const std::int32_t before = (run.row * row + run.column) * static_cast<std::int32_t>(pass.ranks) +
                                  static_cast<std::int32_t>(i % pass.ranks) * run.columns;
      passes_[core].push_back({start + static_cast<Cycle>(before), std::move(multiply)});
    }
  });
}

// One nest where passes follow each other regularly: then the first trip of its outer loops starts the sums. A block
// for all products is used up with the last of them.
void LinearJob::flush() {
  for (std::uint32_t core = 0; core < passes_.size(); ++core) {
    if (passes_[core].empty()) continue;
    const Unit& unit = units_[passing_];
    const Cycle second_pass = unit.second_pass[static_cast<std::size_t>(passing_phase_) * passes_.size() + core];
    // A first pass over several segments of the input stays as it is: its last instruction is not like those that
    // follow.
    std::vector<TimedInstruction> list, others = std::move(passes_[core]);
    passes_[core].clear();
    const auto first_pass = std::find_if(others.begin(), others.end(), [&](const TimedInstruction& instruction) {
      return instruction.start >= second_pass;
    });
    if (first_pass - others.begin() > 1) {
      list.assign(std::make_move_iterator(others.begin()), std::make_move_iterator(first_pass));
      others.erase(others.begin(), first_pass);
    }
    for (TimedInstruction& instruction : rolled(std::move(others))) list.push_back(std::move(instruction));
    for (std::size_t i = 0; i < list.size(); ++i) {
      Instruction& multiply = list[i].instruction;
      auto mode = isa::decode_multiply_mode(multiply.immediate[0]);
      std::uint8_t outer = 0;  // loops over products
      for (std::size_t l = 0; l < multiply.loops.size(); ++l)
        if (multiply.loops[l].stride[isa::operand_c] == 0) outer |= static_cast<std::uint8_t>(1U << l);
      if (list[i].start < second_pass)
        mode.initialize_mask = outer;
      else
        multiply.flags &= static_cast<std::uint8_t>(~isa::multiply_initialize);
      if (weights_.one_for_all() && (multiply.flags & isa::multiply_release) != 0) {
        if (i + 1 == list.size()) {
          mode.release_mask |= outer;
        } else {
          multiply.flags &= static_cast<std::uint8_t>(~isa::multiply_release);
          mode.release_mask = 0;
        }
      }
      multiply.immediate[0] = isa::encode(mode);
      state_.plan.add(core, Thread::vmm, list[i].start, std::move(multiply));
    }
  }
}

}  // namespace northpole::schedule
