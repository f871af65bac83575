// Events that compute: partial sums become lists of terms, vector events become operations.
#include <cstring>

#include "machine/fast/control_walk.h"
#include "network/error.h"

namespace northpole::machine::fast {
namespace {

constexpr std::uint32_t registers_of_lanes = 4;  // 32 lanes of 4 bytes

}  // namespace

using step::ThreadState;

void ControlWalk::multiply_event(std::uint32_t core) {
  const ThreadState& thread = this->thread(isa::Thread::vmm, core);
  WeightBlock& block = weights_[std::size_t{core} * chip_.weight_blocks + thread.operand[1] % chip_.weight_blocks];
  if (block.number == 0) block.number = builder_.block(block.words) + 1;
  std::vector<Term>& terms = sum(core, thread.operand[2]);
  if ((thread.flags & isa::multiply_initialize) && (thread.first_mask & ~thread.loops.at_first) == 0) terms.clear();
  terms.push_back({builder_.value(memory_[cell_of(core, thread.operand[0])].word),
                   2 * (block.number - 1) + (thread.activation_signed ? 1u : 0u)});
}

void ControlWalk::pass_event(std::uint32_t core) {
  const ThreadState& thread = this->thread(isa::Thread::partial_sums, core);
  const bool in = thread.pass.in != isa::Direction::none, out = thread.pass.out != isa::Direction::none;
  const auto arrival = [&](std::uint64_t cycle, std::uint32_t at, std::uint32_t from) -> std::vector<Term>& {
    return arrivals_[((cycle % sum_ring_) * cores_ + at) * 4 + from].terms;
  };
  std::vector<Term>& own = sum(core, thread.operand[0]);
  if (in) {
    // Sums are the same in any order; the arrived terms come after the own ones.
    std::vector<Term>& arrived = arrival(now_, core, static_cast<std::uint32_t>(thread.pass.in) - 1);
    if (thread.pass.local) {
      own.insert(own.end(), arrived.begin(), arrived.end());
    } else if (out) {
      // Passes through: the core's own sum of this number, if any, is not touched.
    } else {
      own.swap(arrived);
    }
  }
  if (!out) return;
  const std::uint32_t to = static_cast<std::uint32_t>(thread.pass.out) - 1;
  const std::uint32_t target = *step::neighbour(chip_, core, static_cast<step::Compass>(to));
  const std::uint64_t cycle = now_ + 1 + chip_.partial_sum_link_cycles;
  std::vector<Term>& leaving =
      thread.pass.local ? own : arrival(now_, core, static_cast<std::uint32_t>(thread.pass.in) - 1);
  arrival(cycle, target, (to + 2) % 4).swap(leaving);
  wheel_.mark(cycle);
}

const isa::Word& ControlWalk::constant_word(std::uint32_t core, std::uint32_t index) const {
  const WordName name = registers_[core].words[index];
  if (!(name & image_bit)) {
    throw Error("the program uses vector constants that it computes itself: only the step engine does that");
  }
  return builder_.image_word(name);
}

std::uint32_t ControlWalk::setup_of(const ThreadState& thread, std::uint32_t core) {
  Registers& registers = registers_[core];
  const std::uint64_t key = std::uint64_t{1} << 32 | std::uint64_t{thread.function_register} << 16 | thread.operand[2];
  if (registers.last_key == key) return registers.last_setup;
  VectorSetup setup;
  setup.function = *isa::decode_vector_function(constant_word(core, thread.function_register),
                                                constant_word(core, thread.function_register + 1u));
  std::uint32_t next = thread.operand[2];
  const auto take = [&](auto& values) {
    for (std::uint32_t i = 0; i < registers_of_lanes; ++i) {
      std::memcpy(&values[8 * i], constant_word(core, next++).data(), chip::word_bytes);
    }
  };
  if (setup.function.source == isa::VectorSource::partial_sum) {
    take(setup.bias);
    take(setup.scale);
  }
  if (setup.function.second == isa::VectorSecond::constant) take(setup.constant);
  registers.last_key = key;
  return registers.last_setup = builder_.setup(setup);
}

void ControlWalk::vector_event(std::uint32_t core) {
  const ThreadState& thread = this->thread(isa::Thread::vector, core);
  Registers& registers = registers_[core];
  if (thread.opcode == isa::Opcode::constants) {
    registers.words[thread.operand[2]] = memory_[cell_of(core, thread.operand[0])].word;
    registers.last_key = 0;
    return;
  }
  // A second operand that is a constant is read only where a window ends, so only there the setup is known.
  const isa::VectorFunction function = *isa::decode_vector_function(constant_word(core, thread.function_register),
                                                                    constant_word(core, thread.function_register + 1u));
  const bool of_sum = function.source == isa::VectorSource::partial_sum;
  inputs_.clear();
  if (!of_sum) {
    const Value source = builder_.value(memory_[cell_of(core, thread.operand[0])].word);
    if (function.reduction == isa::VectorReduction::maximum) {
      if ((thread.first_mask & ~thread.loops.at_first) == 0) {
        registers.window.clear();
        registers.window_signed = function.source_signed;
        registers.window_zero = function.source_zero;
      } else if (registers.window_signed != function.source_signed || registers.window_zero != function.source_zero) {
        throw Error("the program changes the meaning of codes within a window: only the step engine does that");
      }
      registers.window.push_back(source);
      if ((thread.last_mask & ~thread.loops.at_last) != 0) return;
      inputs_ = registers.window;
    } else {
      inputs_.push_back(source);
    }
  }
  const std::uint32_t setup = setup_of(thread, core);
  const std::uint32_t output = cell_of(core, thread.operand[3]);
  std::vector<Term>* terms = of_sum ? &sum(core, thread.operand[0]) : nullptr;
  if (function.second == isa::VectorSecond::memory) {
    SecondRead second{cell_of(core, thread.operand[1]), output, thread.tensor[3], setup, of_sum, 0};
    if (of_sum) {
      second.number = static_cast<std::uint32_t>(second_terms_.size());
      second_terms_.push_back(*terms);
    } else {
      second.number = static_cast<std::uint32_t>(second_inputs_.size());
      second_inputs_.push_back(inputs_);
    }
    seconds_.push_back(second);
    wheel_.mark(now_ + 1);
    return;
  }
  const Value value = of_sum ? builder_.linear(*terms, setup, no_value) : builder_.word(inputs_, setup, no_value);
  const std::uint64_t cycle = now_ + chip_.vector_latency;
  writes_[cycle % writes_.size()].push_back({output, thread.tensor[3], value});
  wheel_.mark(cycle);
}

// In the cycle after the event.
void ControlWalk::finish_vector(SecondRead& second) {
  const WordName operand = memory_[second.second].word;
  const Value value = second.of_sum ? builder_.linear(second_terms_[second.number], second.setup, operand)
                                    : builder_.word(second_inputs_[second.number], second.setup, operand);
  const std::uint64_t cycle = now_ - 1 + chip_.vector_latency;
  if (cycle == now_) {  // this cycle's writes are done already
    memory_[second.output] = {value, second.output_tag, true};
    return;
  }
  writes_[cycle % writes_.size()].push_back({second.output, second.output_tag, value});
  wheel_.mark(cycle);
}

}  // namespace northpole::machine::fast
