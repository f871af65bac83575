#include "schedule/vector_job.h"

#include <algorithm>

namespace northpole::schedule {

using isa::Instruction;
using map::Region;

namespace {

// The smallest interval at which accesses at the given cycles after an event never meet in a bank.
Cycle interval_for(const std::vector<std::pair<std::uint32_t, Cycle>>& bank_and_offset) {
  for (Cycle interval = 1;; ++interval) {
    bool free = true;
    for (std::size_t i = 0; i < bank_and_offset.size(); ++i)
      for (std::size_t j = i + 1; j < bank_and_offset.size(); ++j)
        free &= bank_and_offset[i].first != bank_and_offset[j].first ||
                bank_and_offset[i].second % interval != bank_and_offset[j].second % interval;
    if (free) return interval;
  }
}

}  // namespace

void VectorJob::plan() {
  const Resources& resources = state_.resources;
  std::vector<std::pair<std::uint32_t, Cycle>> accesses;
  for (std::size_t i = 0; i < job_.inputs.size(); ++i) accesses.emplace_back(resources.bank_of(job_.inputs[i]->base), i);
  accesses.emplace_back(resources.bank_of(job_.output->base), state_.chip.vector_latency);
  interval_ = interval_for(accesses);
  std::int32_t groups = 0;
  for (const map::CorePart& part : job_.parts)
    if (!part.output.empty()) groups = std::max(groups, map::lane_groups(part.output, *job_.output_tensor).count());
  // Rows whose inputs are there first come first.
  std::vector<std::pair<Cycle, std::int32_t>> rows;
  for (std::int32_t y = 0; y < job_.mapping.tile_height; ++y) rows.emplace_back(inputs_of_row(y), y);
  std::stable_sort(rows.begin(), rows.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  if (layer_.lane_words == 0 || static_cast<std::uint32_t>(groups) <= constants_.slots()) {
    for (const auto& [time, y] : rows)
      for (std::int32_t group = 0; group < groups; ++group) plan_row(y, group);
  } else {
    for (std::int32_t group = 0; group < groups; ++group)
      for (const auto& [time, y] : rows) plan_row(y, group);
  }
}

// When the last word of the first input that any core needs for the row is written.
Cycle VectorJob::inputs_of_row(std::int32_t y) const {
  Cycle latest = 0;
  const Holding& first = *job_.inputs[0];
  if (layer_.broadcast == 0) return 0;
  for (std::uint32_t core = 0; core < job_.parts.size(); ++core) {
    const Region &out = job_.parts[core].output, &region = first.regions[core];
    if (out.empty() || y >= out.height()) continue;
    for (std::int32_t tap = 0; tap < layer_.window_height; ++tap)
      for (std::int32_t x = region.x0; x < region.x1; ++x)
        for (std::int32_t block = region.block0; block < region.block1; ++block)
          latest = std::max(latest, first.when(core, (out.y0 + y) * layer_.stride_y + tap * layer_.dilation_y, x, block));
  }
  return latest;
}

void VectorJob::plan_row(std::int32_t y, std::int32_t group) {
  Resources& resources = state_.resources;
  const bool window = layer_.kind == lower::LayerKind::max_pool;
  const std::int32_t taps = window ? layer_.window_height * layer_.window_width : 1;
  const Cycle step = interval_ * static_cast<Cycle>(taps);  // between outputs
  const Cycle last_tap = interval_ * static_cast<Cycle>(taps - 1);
  const Holding &first = *job_.inputs[0], *second = job_.inputs.size() > 1 ? job_.inputs[1] : nullptr;
  Holding& output = *job_.output;
  const auto latency = static_cast<Cycle>(state_.chip.vector_latency);
  const Cycle loaded = constants_.load(group);
  Cycle after_inputs = 0, floor = std::max(free_, loaded);
  std::vector<Need> needs;
  std::int32_t widest = 0;

  const auto works = [&](std::uint32_t core) {
    const Region& out = job_.parts[core].output;
    return !out.empty() && y < out.height() && group < map::lane_groups(out, *job_.output_tensor).count();
  };
  const auto lane_group = [&](std::uint32_t core) {
    return map::lane_groups(job_.parts[core].output, *job_.output_tensor).first + group;
  };
  const std::int32_t output_parts = job_.output_tensor->groups_of_block();
  const auto parts_of = [&](std::size_t input) { return layer_.inputs[input].block_channels() / lower::lanes; };
  const auto source_y = [&](std::size_t input, std::int32_t row) {
    return static_cast<std::int32_t>(input) == layer_.broadcast ? 0 : row;
  };
  for (std::uint32_t core = 0; core < job_.parts.size(); ++core) {
    if (!works(core)) continue;
    const Region& out = job_.parts[core].output;
    widest = std::max(widest, out.width());
    const auto outputs = static_cast<Cycle>(out.width());
    needs.push_back({&resources.vector[core], 0, outputs * step + 1});
    needs.push_back({&resources.bank(core, resources.bank_of(first.base)), 0, outputs * static_cast<Cycle>(taps), interval_});
    if (second)
      needs.push_back({&resources.bank(core, resources.bank_of(second->base)), last_tap + 1, outputs, step});
    needs.push_back({&resources.bank(core, resources.bank_of(output.base)), last_tap + latency, outputs, step});
    for (std::int32_t x = 0; x < out.width(); ++x)
      for (std::int32_t tap = 0; tap < taps; ++tap) {
        const Cycle k = static_cast<Cycle>(x) * step + static_cast<Cycle>(tap) * interval_;
        const std::int32_t row = (out.y0 + y) * layer_.stride_y + tap / layer_.window_width * layer_.dilation_y,
                           column = (out.x0 + x) * layer_.stride_x + tap % layer_.window_width * layer_.dilation_x;
        const bool broadcast = layer_.broadcast == 0;
        const Cycle there = first.when(core, broadcast ? 0 : row, broadcast ? 0 : column, lane_group(core) / parts_of(0)) + 1;
        if (there > k) after_inputs = std::max(after_inputs, there - k);
        if (second && tap == 0) {
          const bool one = layer_.broadcast == 1;
          const Cycle other = second->when(core, one ? 0 : out.y0 + y, one ? 0 : out.x0 + x, lane_group(core) / parts_of(1));
          if (other > k) after_inputs = std::max(after_inputs, other - k);
        }
      }
  }
  if (needs.empty()) return;
  if (output.buffer.free_from > floor + latency) floor = output.buffer.free_from - latency;
  const Cycle earliest_start = std::max(floor, after_inputs);
  const Cycle start = earliest(needs, earliest_start);
  take(needs, start);
  program::LayerCycles& cycles = job_.cycles;
  if (cycles.first_issue != 0 && start > free_) {
    if (earliest_start > free_) cycles.waited_inputs += earliest_start - free_;
    cycles.waited_banks += start - earliest_start;
  }

  for (std::uint32_t core = 0; core < job_.parts.size(); ++core) {
    if (!works(core)) continue;
    const Region& out = job_.parts[core].output;
    const std::int32_t own = lane_group(core);
    Instruction vector;
    vector.opcode = isa::Opcode::vector;
    isa::VectorMode mode;
    mode.function_register = static_cast<std::uint8_t>(constants_.function_register());
    isa::VectorParts parts;
    if (output_parts > 1) {
      parts.output = static_cast<std::uint8_t>(own % output_parts);
      parts.first = parts.output == 0;
      parts.rest = parts.output + 1 < output_parts && own + 1 == job_.output_tensor->lane_groups();
    }
    parts.source = static_cast<std::uint8_t>(own % parts_of(0));
    if (second) parts.second = static_cast<std::uint8_t>(own % parts_of(1));
    vector.immediate[1] = isa::encode(parts);
    const std::int32_t row = source_y(0, (out.y0 + y) * layer_.stride_y);
    const std::int32_t column = layer_.broadcast == 0 ? 0 : out.x0 * layer_.stride_x;
    vector.operand[isa::operand_a] = static_cast<std::uint16_t>(first.address(core, row, column, own / parts_of(0)));
    vector.tensor[isa::operand_a] = first.tag;
    vector.operand[isa::operand_c] = static_cast<std::uint16_t>(constants_.register_of(group));
    vector.operand[isa::operand_d] =
        static_cast<std::uint16_t>(output.address(core, out.y0 + y, out.x0, own / output_parts));
    vector.tensor[isa::operand_d] = output.tag;
    std::array<std::int64_t, 4> across{std::int64_t{layer_.stride_x} * first.pitch_x, 0, 0, output.pitch_x};
    if (layer_.broadcast == 0) across[0] = 0;
    if (second) {
      vector.operand[isa::operand_b] = static_cast<std::uint16_t>(second->address(
          core, source_y(1, out.y0 + y), layer_.broadcast == 1 ? 0 : out.x0, own / parts_of(1)));
      vector.tensor[isa::operand_b] = second->tag;
      if (layer_.broadcast != 1) across[1] = second->pitch_x;
    }
    vector.loops = {loop_of(out.width(), static_cast<std::int64_t>(step), across)};
    if (window) {
      mode.first_mask = mode.last_mask = 2 | 4;
      vector.loops.push_back(loop_of(layer_.window_height, static_cast<std::int64_t>(interval_) * layer_.window_width,
                                     {std::int64_t{layer_.dilation_y} * first.pitch_y, 0, 0, 0}));
      vector.loops.push_back(loop_of(layer_.window_width, static_cast<std::int64_t>(interval_),
                                     {std::int64_t{layer_.dilation_x} * first.pitch_x, 0, 0, 0}));
    }
    vector.immediate[0] = isa::encode(mode);
    simplify(vector);
    state_.plan.add(core, isa::Thread::vector, start, std::move(vector));
    for (std::int32_t x = 0; x < out.width(); ++x) {
      Cycle& when = output.when(core, out.y0 + y, out.x0 + x, own / output_parts);
      when = std::max(when, start + static_cast<Cycle>(x) * step + last_tap + latency);
    }
  }
  const Cycle last = start + static_cast<Cycle>(widest - 1) * step + last_tap;
  constants_.used(group, last);
  for (Holding* input : job_.inputs) input->used(last + 1);
  output.used(last + latency);
  state_.plan.lasts_until(last + latency + 1);
  job_.issues(start, last);
  job_.ends(last + latency);
  cycles.vector_bound += static_cast<Cycle>(widest) * static_cast<Cycle>(taps);
  free_ = last + 1;
}

}  // namespace northpole::schedule
