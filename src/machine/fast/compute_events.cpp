// Events of the VMM and of the partial-sum network: partial sums become lists of terms.
#include <utility>

#include "machine/fast/control_walk.h"

namespace northpole::machine::fast {

using step::ThreadState;

// The block is looked up again only after its words, or what they are multiplied with, have changed.
const ControlWalk::WeightUse& ControlWalk::weights_of(const ThreadState& thread, std::uint32_t core) {
  const std::uint32_t of_core = chip_.weight_blocks * chip::block_words;
  const std::uint32_t size = chip::block_words * thread.weight_bits / thread.activation_bits;
  const std::size_t first = std::size_t{core} * of_core + thread.operand[1] * size % of_core;
  WeightUse& use = weight_uses_[first / smallest_block];
  const auto mode = static_cast<std::uint16_t>(thread.activation_bits << 8 | thread.weight_bits);
  if (use.block == 0 || use.mode != mode) {
    use.block = builder_.block({&weight_words_[first], size}, thread.activation_bits, thread.weight_bits) + 1;
    use.mode = mode;
  }
  return use;
}

void ControlWalk::multiply_event(std::uint32_t core) {
  const ThreadState& thread = this->thread(isa::Thread::vmm, core);
  const WeightUse& use = weights_of(thread, core);
  TermList& terms = sum(core, thread.operand[2]);
  if ((thread.flags & isa::multiply_initialize) && (thread.first_mask & ~thread.loops.at_first) == 0)
    builder_.terms().clear(terms);
  const WordName activation = memory_[cell_of(core, thread.operand[0])].word;
  const WeightParts& weights = builder_.weights(use.block - 1);
  for (std::uint32_t i = 0; i < weights.count; ++i) {
    const WeightParts::Part& part = weights.parts[i];
    const Value codes = builder_.codes(activation, thread.activation_bits, part.number, thread.activation_signed);
    builder_.terms().add(terms, {codes, 2 * part.block + (thread.activation_signed ? 1u : 0u)});
  }
}

void ControlWalk::pass_event(std::uint32_t core) {
  const ThreadState& thread = this->thread(isa::Thread::partial_sums, core);
  const bool in = thread.pass.in != isa::Direction::none, out = thread.pass.out != isa::Direction::none;
  const auto arrival = [&](std::uint64_t cycle, std::uint32_t at, std::uint32_t from) -> TermList& {
    return arrivals_[((cycle % sum_ring_) * cores_ + at) * 4 + from];
  };
  TermList& own = sum(core, thread.operand[0]);
  TermList arrived;
  if (in) arrived = std::exchange(arrival(now_, core, static_cast<std::uint32_t>(thread.pass.in) - 1), {});
  if (in && thread.pass.local) {
    // Sums are the same in any order; the arrived terms come after the own ones.
    builder_.terms().join(own, arrived);
  } else if (in && !out) {
    builder_.terms().clear(own);
    own = arrived;
  }
  if (!out) return;
  // What only passes through does not touch the core's own sum of this number, if any.
  const TermList leaving = thread.pass.local ? std::exchange(own, {}) : arrived;
  const std::uint32_t to = static_cast<std::uint32_t>(thread.pass.out) - 1;
  arrival(now_ + 1 + chip_.partial_sum_link_cycles, neighbours_[core][to], (to + 2) % 4) = leaving;
}

}  // namespace northpole::machine::fast
