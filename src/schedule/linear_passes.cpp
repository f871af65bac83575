// Which pass of a linear layer comes next, and its instructions.
#include <algorithm>
#include <limits>

#include "schedule/linear_job.h"

namespace northpole::schedule {

using isa::Instruction;
using isa::Opcode;
using isa::Thread;

bool LinearJob::open_next() {
  const std::size_t next = units_.size();
  if (next == tiles_.size() * static_cast<std::size_t>(groups_)) return false;
  Unit unit;
  unit.tile = static_cast<std::int32_t>(next) / groups_;
  unit.group = static_cast<std::int32_t>(next) % groups_;
  const Tile& tile = tiles_[static_cast<std::size_t>(unit.tile)];
  const auto pixels = static_cast<std::uint32_t>(tile.pixels());
  const std::uint64_t oldest = finished_ < next ? units_[finished_].first : opened_sums_;
  if (finished_ < next && opened_sums_ + pixels - oldest > state_.chip.partial_sums) return false;
  unit.first = opened_sums_;
  opened_sums_ += pixels;
  unit.sums = state_.sums.take(pixels);
  unit.ready.assign(pixels, 0);
  const auto phases = static_cast<std::size_t>(layer_.phases);
  unit.done.assign(phases * order_.size(), false);
  unit.inputs.assign(unit.done.size(), unknown);
  unit.left = unit.done.size();
  unit.begun.assign(phases, false);
  unit.second_pass.assign(phases * job_.parts.size(), std::numeric_limits<Cycle>::max());
  unit.passed.assign(phases * job_.parts.size(), false);
  for (std::int32_t phase = 0; phase < layer_.phases; ++phase) {
    const std::vector<bool> needing = users(tile, unit.group, phase);
    if (std::find(needing.begin(), needing.end(), true) != needing.end()) continue;
    for (std::size_t rank = 0; rank < order_.size(); ++rank) unit.done[pass_index(phase, rank)] = true;
    unit.left -= order_.size();
  }
  units_.push_back(std::move(unit));
  return true;
}

bool LinearJob::may_go(const Unit& unit, std::int32_t phase, std::size_t rank) const {
  if (unit.done[pass_index(phase, rank)]) return false;
  // A block that stays is released behind its last tile.
  const std::size_t number = static_cast<std::size_t>(unit.tile * groups_ + unit.group);
  return unit.tile == 0 || number - static_cast<std::size_t>(groups_) < finished_ ||
         units_[number - static_cast<std::size_t>(groups_)].done[pass_index(phase, rank)];
}

Cycle LinearJob::after_inputs(Unit& unit, std::int32_t phase, std::size_t rank) const {
  Cycle& result = unit.inputs[pass_index(phase, rank)];
  if (result != unknown) return result;
  result = 0;
  const Tile& tile = tiles_[static_cast<std::size_t>(unit.tile)];
  const Product& product = order_[rank];
  const std::int32_t row = (tile.width() + layer_.phases - 1) / layer_.phases;  // cycles of a row, for all
  for (std::uint32_t core = 0; core < job_.parts.size(); ++core) {
    if (!works(core, tile, unit.group) ||
        product.word >= map::input_slice(layer_, job_.mapping, job_.parts[core].input_part).count())
      continue;
    const Share own = share(core, tile);
    const auto [first_x, count] = columns_of(core, tile, phase);
    // The words of a row lie at a constant distance from each other.
    const std::ptrdiff_t distance = std::ptrdiff_t{layer_.stride_x} * job_.inputs[0]->regions[core].blocks();
    for (std::int32_t y = 0; y < own.rows && count > 0; ++y) {
      const Cycle* there = &written(core, unit.group, product, tile.y0 + y, tile.x0 + first_x);
      for (std::int32_t i = 0; i < count; ++i, there += distance) {
        const auto k = static_cast<Cycle>(y * row + i);
        if (*there + 1 > k) result = std::max(result, *there + 1 - k);
      }
    }
  }
  return result;
}

LinearJob::Pass LinearJob::pass_of(std::size_t number, std::int32_t phase, std::size_t rank) {
  Unit& unit = units_[number];
  const Tile& tile = tiles_[static_cast<std::size_t>(unit.tile)];
  const Product& product = order_[rank];
  const std::int32_t row = (tile.width() + layer_.phases - 1) / layer_.phases;
  Resources& resources = state_.resources;
  Pass pass{number, rank, phase, {{&resources.vmm, 0, 0}}, after_inputs(unit, phase, rank), 0, 0};
  for (std::uint32_t core = 0; core < job_.parts.size(); ++core) {
    if (!works(core, tile, unit.group) ||
        product.word >= map::input_slice(layer_, job_.mapping, job_.parts[core].input_part).count())
      continue;
    const Share own = share(core, tile);
    const auto [first_x, count] = columns_of(core, tile, phase);
    if (count == 0) continue;
    if (!unit.begun[static_cast<std::size_t>(phase)])
      for (std::int32_t y = 0; y < own.rows; ++y)
        for (std::int32_t i = 0; i < count; ++i) {
          const auto k = static_cast<Cycle>(y * row + i);
          const std::int32_t x = first_x + i * layer_.phases;
          const Cycle free =
              state_.sums
                  .free_from[(unit.sums + static_cast<std::uint32_t>(y * tile.width() + x)) % state_.chip.partial_sums];
          if (free > k) pass.after_sums = std::max(pass.after_sums, free - k);
        }
    pass.length = std::max(pass.length, static_cast<Cycle>((own.rows - 1) * row + count));
    // Rows that lie in one segment of the input are one instruction.
    for (std::int32_t first = 0, last = 0; first < own.rows; first = last) {
      last = last_of_segment(core, tile, product, first, own.rows);
      const std::uint32_t from = address(core, unit.group, product, tile.y0 + first, tile.x0 + first_x);
      pass.needs.push_back({&resources.bank(core, resources.bank_of(from)), static_cast<Cycle>(first * row),
                            static_cast<Cycle>((last - first - 1) * row + count)});
    }
  }
  pass.needs[0].count = pass.length;
  if (!unit.begun[static_cast<std::size_t>(phase)]) {
    // An idle cycle before each lane group leaves room for changing programs.
    const bool first = std::find(unit.begun.begin(), unit.begun.end(), true) == unit.begun.end();
    pass.floor = first ? std::max(state_.vmm_free + 1, Cycle{2}) : state_.vmm_free;
  } else {
    pass.floor = state_.vmm_free;
  }
  pass.start =
      pass.length == 0 ? pass.floor : earliest(pass.needs, std::max({pass.after_inputs, pass.after_sums, pass.floor}));
  return pass;
}

LinearJob::Pass LinearJob::next_pass() {
  const bool in_order = state_.in_order || fetched_together_ > 1 || weights_.one_for_all();
  // Of a unit, the first pass in order whose words are there; else the one whose words are there first.
  const auto next_of = [&](std::size_t number, Cycle floor) -> std::optional<Pass> {
    Unit& unit = units_[number];
    Cycle least = unknown;
    std::pair<std::int32_t, std::size_t> of_least;
    for (std::int32_t phase = 0; phase < layer_.phases; ++phase)
      for (std::size_t rank = 0; rank < order_.size(); ++rank) {
        if (!may_go(unit, phase, rank)) continue;
        const Cycle inputs = std::max(after_inputs(unit, phase, rank), floor);
        if (inputs < least) {
          least = inputs;
          of_least = {phase, rank};
        }
        if (in_order) return pass_of(number, phase, rank);
      }
    if (least == unknown) return std::nullopt;
    return pass_of(number, of_least.first, of_least.second);
  };
  Pass best = *next_of(finished_, state_.vmm_free + 1);
  if (in_order) return best;
  const bool one_tile_at_a_time = tiles_.size() > 1 && !stay_;
  // What waits for less than this goes before what could fill the time: each change is an instruction more.
  const Cycle patience = std::max<Cycle>(4, best.length / 8), wanted = best.floor + patience;
  for (std::size_t number = finished_ + 1; best.start > wanted; ++number) {
    if (number == units_.size()) {
      const bool other_tile = number % static_cast<std::size_t>(groups_) == 0;
      if ((other_tile && one_tile_at_a_time) || !open_next()) break;
    }
    // Sums are finished in the order of units.
    if (units_[number].left == 1) continue;
    auto other = next_of(number, best.floor);
    if (other && other->start + patience < best.start) best = std::move(*other);
  }
  return best;
}

void LinearJob::place(Pass& pass) {
  Unit& unit = units_[pass.unit];
  const Tile& tile = tiles_[static_cast<std::size_t>(unit.tile)];
  const bool last_tile = unit.tile + 1 == static_cast<std::int32_t>(tiles_.size());
  const std::uint32_t words = weights_.block_words();
  Placed& block = placed_[static_cast<std::size_t>(unit.group * layer_.phases + pass.phase) * order_.size() +
                          (weights_.one_for_all() ? 0 : pass.rank)];
  if (!block.fetched) fetch(unit.group, pass.phase, pass.rank, users(tile, unit.group, pass.phase));
  unit.done[pass_index(pass.phase, pass.rank)] = true;
  --unit.left;
  const bool last_use = (weights_.one_for_all() ? pass.rank + 1 == order_.size() : true) && (!stay_ || last_tile);
  const auto release = [&] {
    if (!last_use) return;
    state_.ring.release(block.ring, words, block.last_pass);
    block.fetched = false;
  };
  if (pass.length == 0) return release();
  const Cycle after_weights = block.there + 1;
  const Cycle earliest_start = std::max({after_weights, pass.after_inputs, pass.after_sums, pass.floor});
  // Weights may have taken cycles of the banks meanwhile.
  const Cycle start = earliest(pass.needs, earliest_start);
  take(pass.needs, start);
  // Why the VMM was idle before this pass.
  program::LayerCycles& cycles = job_.cycles;
  if (start > pass.floor) {
    const Cycle waited = earliest_start - pass.floor;
    if (earliest_start == pass.after_inputs && pass.after_inputs >= after_weights)
      cycles.waited_inputs += waited;
    else if (earliest_start == after_weights)
      cycles.waited_weights += waited;
    else
      cycles.waited_partial_sums += waited;
    cycles.waited_banks += start - earliest_start;
  }
  const Cycle last = start + pass.length - 1;
  job_.issues(start, last);
  cycles.arithmetic_bound += pass.length;
  state_.vmm_free = start + pass.length;
  job_.inputs[0]->used(last);
  add_instructions(pass, block, start);
  unit.begun[static_cast<std::size_t>(pass.phase)] = true;
  // When each sum may be used by others, as far as this pass goes.
  const std::int32_t row = (tile.width() + layer_.phases - 1) / layer_.phases;
  for (std::int32_t y = 0; y < tile.y1 - tile.y0; ++y)
    for (std::int32_t x = 0; x < tile.width(); ++x) {
      Cycle& ready = unit.ready[static_cast<std::size_t>(y * tile.width() + x)];
      ready = std::max(
          ready, std::min(start + static_cast<Cycle>(y * row + x / layer_.phases), last) + state_.chip.vmm_latency);
    }
  block.last_pass = last;
  release();
}

void LinearJob::add_instructions(const Pass& pass, const Placed& block, Cycle start) {
  if (passing_ != pass.unit || passing_phase_ != pass.phase) flush();
  passing_ = pass.unit;
  passing_phase_ = pass.phase;
  Unit& unit = units_[pass.unit];
  const Tile& tile = tiles_[static_cast<std::size_t>(unit.tile)];
  const Product& product = order_[pass.rank];
  const Holding& input = *job_.inputs[0];
  const std::uint32_t words = weights_.block_words();
  const std::int32_t row = (tile.width() + layer_.phases - 1) / layer_.phases;
  for (std::uint32_t core = 0; core < job_.parts.size(); ++core) {
    if (!works(core, tile, unit.group) ||
        product.word >= map::input_slice(layer_, job_.mapping, job_.parts[core].input_part).count())
      continue;
    const Share own = share(core, tile);
    const auto [first_x, count] = columns_of(core, tile, pass.phase);
    if (count == 0) continue;
    const std::size_t at = static_cast<std::size_t>(pass.phase) * job_.parts.size() + core;
    if (unit.passed[at]) unit.second_pass[at] = std::min(unit.second_pass[at], start);
    unit.passed[at] = true;
    const bool done = last_tile_[at] == unit.tile;
    for (std::int32_t first = 0, last = 0; first < own.rows; first = last) {
      last = last_of_segment(core, tile, product, first, own.rows);
      Instruction multiply;
      multiply.opcode = Opcode::multiply;
      isa::MultiplyMode mode;
      mode.activation_signed = layer_.inputs[0].quantization.is_signed;
      mode.activation_bits = static_cast<std::uint8_t>(layer_.inputs[0].quantization.bits);
      mode.weight_bits = static_cast<std::uint8_t>(layer_.weights.bits);
      multiply.flags = isa::multiply_initialize;
      if ((!stay_ || done) && last == own.rows) {
        multiply.flags |= isa::multiply_release;
        mode.release_mask = 3;
      }
      multiply.immediate[0] = isa::encode(mode);
      multiply.operand[isa::operand_a] =
          static_cast<std::uint16_t>(address(core, unit.group, product, tile.y0 + first, tile.x0 + first_x));
      multiply.tensor[isa::operand_a] = input.tag;
      multiply.operand[isa::operand_b] = static_cast<std::uint16_t>(block.ring / words);
      multiply.operand[isa::operand_c] = static_cast<std::uint16_t>(
          (unit.sums + static_cast<std::uint32_t>(first * tile.width() + first_x)) % state_.chip.partial_sums);
      multiply.loops = {loop_of(last - first, row, {std::int64_t{layer_.stride_y} * input.pitch_y, 0, tile.width(), 0}),
                        loop_of(count, 1, {std::int64_t{layer_.stride_x} * input.pitch_x, 0, layer_.phases, 0})};
      simplify(multiply);
      passes_[core].push_back({start + static_cast<Cycle>(first * row), std::move(multiply)});
    }
  }
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
