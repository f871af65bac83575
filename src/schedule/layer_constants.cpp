#include "schedule/layer_constants.h"

#include <algorithm>

namespace northpole::schedule {

namespace {

bool owns(const map::CorePart& part) { return !part.output.empty() && part.input_part == 0; }

}  // namespace

std::uint32_t constant_words_of(const lower::Layer& layer, const lower::StoredTensor& output,
                                const std::vector<map::CorePart>& parts) {
  std::int32_t groups = 0;
  for (const map::CorePart& part : parts)
    if (owns(part)) groups = std::max(groups, map::lane_groups(part.output, output).count());
  return 2 + static_cast<std::uint32_t>(layer.lane_words * groups);
}

LayerConstants::LayerConstants(const lower::Layer& layer, const lower::StoredTensor& output,
                               const std::vector<map::CorePart>& parts, std::uint32_t bank, std::uint16_t tag,
                               MemoryPlan& memory)
    : bank_(bank), tag_(tag), address_(parts.size(), 0) {
  const auto function = isa::encode(layer.function);
  for (std::uint32_t core = 0; core < parts.size(); ++core) {
    if (!owns(parts[core])) continue;
    const map::LaneGroups groups = map::lane_groups(parts[core].output, output);
    std::vector<isa::Word> words(function.begin(), function.end());
    words.insert(words.end(), layer.lane_constants.begin() + std::ptrdiff_t{groups.first} * layer.lane_words,
                 layer.lane_constants.begin() + std::ptrdiff_t{groups.end} * layer.lane_words);
    address_[core] = memory.place_in_groups(core, static_cast<std::uint32_t>(parts.size()), bank, tag, words);
  }
}

ConstantLoads::ConstantLoads(const LayerConstants& constants, const Job& job, RunState& state)
    : constants_(constants), job_(job), state_(state), lane_words_(static_cast<std::uint32_t>(job.layer->lane_words)) {
  for (const map::CorePart& part : job.parts)
    if (owns(part)) groups_ = std::max(groups_, map::lane_groups(part.output, *job.output_tensor).count());
  state.constants.next_layer(lane_words_, static_cast<std::uint32_t>(groups_));
  function_ = state.constants.function_register();
  first_slot_ = state.constants.slot_register(0);
  slots_ = state.constants.slots();
  loaded_.assign(slots_, -1);
  there_.assign(slots_, 0);
  if (lane_words_ != 0 && static_cast<std::uint32_t>(groups_) <= slots_) {
    // A few lane groups at a time, so that loads fit between other work and the first groups need not wait for the last.
    constexpr std::int32_t together = 2;
    for (std::int32_t first = 0; first < groups_; first += together) {
      const std::int32_t count = std::min(together, groups_ - first);
      const std::uint32_t words = lane_words_ * static_cast<std::uint32_t>(count),
                          before = first == 0 ? 0 : 2 + lane_words_ * static_cast<std::uint32_t>(first);
      const Cycle there = bring(before, function_ + before, first == 0 ? 2 + words : words, first, count);
      if (first == 0) function_there_ = there;
      for (std::int32_t group = first; group < first + count; ++group) {
        loaded_[static_cast<std::size_t>(group)] = group;
        there_[static_cast<std::size_t>(group)] = there;
      }
    }
  } else {
    function_there_ = bring(0, function_, 2, 0, 1);
  }
}

Cycle ConstantLoads::bring(std::uint32_t first_word, std::uint32_t first_register, std::uint32_t words,
                           std::int32_t first_group, std::int32_t groups) {
  std::vector<Need> needs;
  std::vector<std::uint32_t> count(job_.parts.size(), 0);
  for (std::uint32_t core = 0; core < job_.parts.size(); ++core) {
    if (!owns(job_.parts[core])) continue;
    const std::int32_t own = map::lane_groups(job_.parts[core].output, *job_.output_tensor).count() - first_group;
    if (own <= 0) continue;
    // Smaller parts have fewer lane groups.
    count[core] = words - lane_words_ * static_cast<std::uint32_t>(std::max(0, groups - own));
    needs.push_back({&state_.resources.vector[core], 0, count[core] + 1});
    needs.push_back({&state_.resources.bank(core, constants_.bank()), 0, count[core]});
  }
  if (needs.empty()) return 1;
  const Cycle start = earliest(needs, state_.constants.free_from(first_register, words));
  take(needs, start);
  for (std::uint32_t core = 0; core < job_.parts.size(); ++core) {
    if (count[core] == 0) continue;
    isa::Instruction load;
    load.opcode = isa::Opcode::constants;
    load.operand[isa::operand_a] = static_cast<std::uint16_t>(constants_.address(core) + first_word);
    load.tensor[isa::operand_a] = constants_.tag();
    load.operand[isa::operand_c] = static_cast<std::uint16_t>(first_register);
    load.loops = {loop_of(count[core], 1, {1, 0, 1, 0})};
    simplify(load);
    state_.plan.add(core, isa::Thread::vector, start, std::move(load));
  }
  state_.constants.used_until(first_register, words, start + words - 1);
  return start + words;
}

Cycle ConstantLoads::load(std::int32_t group) {
  if (lane_words_ == 0) return function_there_;
  const auto slot = static_cast<std::size_t>(static_cast<std::uint32_t>(group) % slots_);
  if (loaded_[slot] != group) {
    there_[slot] = bring(2 + lane_words_ * static_cast<std::uint32_t>(group),
                         first_slot_ + static_cast<std::uint32_t>(slot) * lane_words_, lane_words_, group, 1);
    loaded_[slot] = group;
  }
  return std::max(function_there_, there_[slot]);
}

std::uint32_t ConstantLoads::register_of(std::int32_t group) const {
  return first_slot_ + (lane_words_ == 0 ? 0 : static_cast<std::uint32_t>(group) % slots_ * lane_words_);
}

void ConstantLoads::used(std::int32_t group, Cycle last) {
  state_.constants.used_until(function_, 2, last);
  if (lane_words_ != 0) state_.constants.used_until(register_of(group), lane_words_, last);
}

}  // namespace northpole::schedule
