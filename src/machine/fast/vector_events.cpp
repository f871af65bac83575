// Events of the vector unit: each becomes an operation, or the part of a window.
#include <cstring>
#include <utility>

#include "machine/fast/control_walk.h"
#include "network/error.h"

namespace northpole::machine::fast {
namespace {

constexpr std::uint32_t registers_of_lanes = 4;  // 32 lanes of 4 bytes

}  // namespace

using step::ThreadState;

const isa::Word& ControlWalk::constant_word(WordName name) const {
  if (!(name & image_bit)) {
    throw Error("the program uses vector constants that it computes itself: only the step engine does that");
  }
  return builder_.image_word(name);
}

const isa::VectorFunction& ControlWalk::function_of(const ThreadState& thread, std::uint32_t core) {
  Registers& registers = registers_[core];
  const std::uint32_t index = thread.function_register;
  if (registers.last_function_register != index) {
    const WordName* words = &registers.words[index];
    registers.last_function = function_words_.number({words, 2});
    registers.last_function_register = index;
    if (registers.last_function == functions_.size())
      functions_.push_back(*isa::decode_vector_function(constant_word(words[0]), constant_word(words[1])));
  }
  return functions_[registers.last_function];
}

std::uint32_t ControlWalk::setup_of(const ThreadState& thread, const isa::VectorFunction& function,
                                    std::uint32_t core) {
  Registers& registers = registers_[core];
  const std::uint64_t key = std::uint64_t{1} << 32 | std::uint64_t{thread.function_register} << 16 | thread.operand[2];
  if (registers.last_key == key) return registers.last_setup;
  const bool of_sum = function.source == isa::VectorSource::partial_sum;
  const bool constant = function.second == isa::VectorSecond::constant;
  names_ = {registers.last_function};
  const auto first = registers.words.begin() + thread.operand[2];
  names_.insert(names_.end(), first,
                first + (of_sum ? 2 : 0) * registers_of_lanes + (constant ? registers_of_lanes : 0));
  const std::uint32_t number = setup_words_.number(names_);
  if (number == setups_.size()) {
    VectorSetup setup;
    setup.function = function;
    setup.function.source_bits = setup.function.second_bits = setup.function.output_bits = 8;
    const WordName* next = names_.data() + 1;
    const auto take = [&](auto& values) {
      for (std::uint32_t i = 0; i < registers_of_lanes; ++i)
        std::memcpy(&values[8 * i], constant_word(*next++).data(), chip::word_bytes);
    };
    if (of_sum) {
      take(setup.bias);
      take(setup.scale);
    }
    if (constant) take(setup.constant);
    setups_.push_back(builder_.setup(setup));
  }
  registers.last_key = key;
  return registers.last_setup = setups_[number];
}

// Whether the event ends its window, whose words inputs_ then has.
bool ControlWalk::take_window(const ThreadState& thread, const isa::VectorFunction& function, Registers& registers,
                              Value source) {
  if ((thread.first_mask & ~thread.loops.at_first) == 0) {
    registers.window.clear();
    registers.window_signed = function.source_signed;
    registers.window_zero = function.source_zero;
  } else if (registers.window_signed != function.source_signed || registers.window_zero != function.source_zero) {
    throw Error("the program changes the meaning of codes within a window: only the step engine does that");
  }
  registers.window.push_back(source);
  inputs_ = registers.window;
  return (thread.last_mask & ~thread.loops.at_last) == 0;
}

void ControlWalk::vector_event(std::uint32_t core) {
  const ThreadState& thread = this->thread(isa::Thread::vector, core);
  Registers& registers = registers_[core];
  if (thread.opcode == isa::Opcode::constants) {
    registers.words[thread.operand[2]] = memory_[cell_of(core, thread.operand[0])].word;
    registers.last_key = 0;
    registers.last_function_register = ~0u;
    return;
  }
  const isa::VectorFunction& function = function_of(thread, core);
  const isa::VectorParts parts = isa::decode_vector_parts(thread.immediate[1]);
  const bool of_sum = function.source == isa::VectorSource::partial_sum;
  if (!of_sum) {
    const Value source = builder_.codes(memory_[cell_of(core, thread.operand[0])].word, function.source_bits,
                                        parts.source, function.source_signed);
    if (function.reduction == isa::VectorReduction::maximum) {
      if (!take_window(thread, function, registers, source)) return;
    } else {
      inputs_ = {source};
    }
  }
  // A second operand that is a constant is read only where a window ends, so only there the setup is known.
  const std::uint32_t setup = setup_of(thread, function, core);
  DelayedWrite write{cell_of(core, thread.operand[3]),
                     thread.tensor[3],
                     no_value,
                     function.output_bits,
                     forms_of(function.output_lowest, function.output_highest, function.output_bits),
                     parts};
  TermList* terms = of_sum ? &sum(core, thread.operand[0]) : nullptr;
  if (function.second == isa::VectorSecond::memory) {
    SecondRead second{cell_of(core, thread.operand[1]),
                      function.second_bits,
                      parts.second,
                      function.second_signed,
                      write,
                      setup,
                      of_sum,
                      0};
    if (of_sum) {
      second.number = static_cast<std::uint32_t>(second_terms_.size());
      second_terms_.push_back(std::exchange(*terms, {}));
    } else {
      second.number = static_cast<std::uint32_t>(second_inputs_.size());
      second_inputs_.push_back(inputs_);
    }
    seconds_.push_back(second);
    wheel_.mark(now_ + 1);
    return;
  }
  write.word = of_sum ? builder_.linear(*terms, setup, no_value) : builder_.word(inputs_, setup, no_value);
  const std::uint64_t cycle = now_ + chip_.vector_latency;
  writes_[cycle % writes_.size()].push_back(write);
  wheel_.mark(cycle);
}

// In the cycle after the event.
void ControlWalk::finish_vector(const SecondRead& second) {
  const Value operand = builder_.codes(memory_[second.second].word, second.bits, second.part, second.is_signed);
  DelayedWrite output = second.write;
  output.word = second.of_sum ? builder_.linear(second_terms_[second.number], second.setup, operand)
                              : builder_.word(second_inputs_[second.number], second.setup, operand);
  const std::uint64_t cycle = now_ - 1 + chip_.vector_latency;
  if (cycle == now_) {  // this cycle's writes are done already
    write(output);
    return;
  }
  writes_[cycle % writes_.size()].push_back(output);
  wheel_.mark(cycle);
}

void ControlWalk::write(const DelayedWrite& write) {
  Cell& cell = memory_[write.cell];
  if (write.bits == 8) {
    cell = {write.word, write.tag, true};
    return;
  }
  const WordName word = builder_.write_part(cell.word, write.parts.first, write.parts.output, write.parts.rest,
                                            {write.word, write.bits, write.forms});
  cell = {word, write.tag, true};
}

}  // namespace northpole::machine::fast
