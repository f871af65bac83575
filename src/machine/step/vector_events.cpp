// The vector unit: constant registers, sources, second operands, outputs. The arithmetic is
// machine/vector_arithmetic.h.
#include <fmt/format.h>

#include <cstring>

#include "machine/step/simulator.h"
#include "machine/vector_arithmetic.h"

namespace northpole::machine::step {
namespace {

constexpr std::uint32_t registers_of_lanes = 4;  // 32 lanes of 4 bytes

template <typename T>
std::array<T, chip::lanes> lane_values(const isa::Word* registers) {
  std::array<T, chip::lanes> values;
  std::memcpy(values.data(), registers, sizeof values);
  return values;
}

}  // namespace

const isa::Word* Simulator::constant_registers(std::uint32_t core, std::uint32_t first, std::uint32_t count,
                                               const Actor& self) {
  const ConstantRegisters& registers = constants_[core];
  if (first + count > chip_.constant_words)
    stop(FaultKind::address, self, fmt::format("constant registers {} to {}", first, first + count - 1));
  for (std::uint32_t i = first; i < first + count; ++i) {
    if (!registers.loaded[i]) [[unlikely]]
      stop(FaultKind::unwritten, self, fmt::format("constant register {}", i));
  }
  return &registers.words[first];
}

const isa::VectorFunction& Simulator::function_of(const ThreadState& thread, std::uint32_t core, const Actor& self) {
  const std::uint32_t index = thread.function_register;
  const isa::Word* words = constant_registers(core, index, 2, self);
  ConstantRegisters& registers = constants_[core];
  ConstantRegisters::Decoded& decoded = registers.functions[index];
  if (!decoded.valid) {
    if (!registers.from_image[index] || !registers.from_image[index + 1]) {
      stop(FaultKind::malformed, self,
           fmt::format("vector function in constant registers {} and {} is not of the image", index, index + 1));
    }
    const auto function = isa::decode_vector_function(words[0], words[1]);
    if (!function)
      stop(FaultKind::malformed, self,
           fmt::format("vector function in constant registers {} and {}", index, index + 1));
    decoded = {true, *function};
  }
  return decoded.function;
}

void Simulator::load_constants(ThreadState& thread, std::uint32_t core, const Actor& self) {
  const std::uint32_t index = thread.operand[2];
  if (index >= chip_.constant_words) stop(FaultKind::address, self, fmt::format("constant register {}", index));
  bool image = false;
  const isa::Word& word = read(core, thread.operand[0], thread.tensor[0], self, &image);
  constants_[core].load(index, word, image);
}

void Simulator::vector_source(ThreadState& thread, std::uint32_t core, const isa::VectorFunction& function,
                              const Actor& self, std::int32_t* x) {
  if (function.source == isa::VectorSource::memory) {
    const isa::Word& word = read(core, thread.operand[0], thread.tensor[0], self);
    load_codes(word.data(), function.source_signed, function.source_zero, x);
    return;
  }
  const isa::Word* registers = constant_registers(core, thread.operand[2], 2 * registers_of_lanes, self);
  const auto bias = lane_values<std::int32_t>(registers);
  const auto scale = lane_values<float>(registers + registers_of_lanes);
  const SumVector& sum = use_sum(core, thread.operand[0], self);
  requantize(sum.data(), bias.data(), scale.data(), function.middle_lowest, function.middle_highest, x);
  sums_.release(sums_.index(core, thread.operand[0]));
}

void Simulator::vector_event(std::uint32_t id) {
  ThreadState& thread = threads_[id];
  const std::uint32_t core = core_of(id, isa::Thread::vector);
  const Actor self = actor(id);
  if (thread.opcode == isa::Opcode::constants) {
    load_constants(thread, core, self);
    return;
  }
  const isa::VectorFunction& function = function_of(thread, core, self);
  std::array<std::int32_t, chip::lanes> x;
  vector_source(thread, core, function, self, x.data());
  if (function.reduction == isa::VectorReduction::none) {
    if (thread.first_mask != 0 || thread.last_mask != 0)
      stop(FaultKind::malformed, self, "masks of a window without reduction");
  } else {
    auto& largest = constants_[core].largest;
    const bool first = (thread.first_mask & ~thread.loops.at_first) == 0,
               last = (thread.last_mask & ~thread.loops.at_last) == 0;
    for (std::size_t l = 0; l < x.size(); ++l) largest[l] = first ? x[l] : std::max(largest[l], x[l]);
    if (!last) return;
    x = largest;
  }
  check_address(thread.operand[3], self);
  if (function.second == isa::VectorSecond::memory) {
    check_address(thread.operand[1], self);
    auto& seconds = delayed_.second_reads.at(now_ + 1);
    seconds.push_back(
        {core, thread.operand[1], thread.tensor[1], thread.operand[3], thread.tensor[3], function, x, self});
    wheel_.mark(now_ + 1);
    return;
  }
  std::array<float, chip::lanes> constant;
  if (function.second == isa::VectorSecond::constant) {
    const std::uint32_t offset = function.source == isa::VectorSource::partial_sum ? 2 * registers_of_lanes : 0;
    constant = lane_values<float>(constant_registers(core, thread.operand[2] + offset, registers_of_lanes, self));
  }
  const std::uint64_t cycle = now_ + chip_.vector_latency;
  auto& writes = delayed_.writes.at(cycle);
  writes.push_back({core, thread.operand[3], thread.tensor[3], {}, self});
  apply(function, chip_.vector_precision, x.data(), nullptr, constant.data(), writes.back().word.data());
  wheel_.mark(cycle);
}

// In the cycle after the event: the second operand is read, the output written vector_latency after the event.
void Simulator::finish_vector(const SecondRead& second) {
  const isa::Word& word = read(second.core, second.address, second.tag, second.actor);
  std::array<std::int32_t, chip::lanes> y;
  load_codes(word.data(), second.function.second_signed, second.function.second_zero, y.data());
  const std::uint64_t cycle = now_ - 1 + chip_.vector_latency;
  auto& writes = delayed_.writes.at(cycle);
  writes.push_back({second.core, second.output_address, second.output_tag, {}, second.actor});
  apply(second.function, chip_.vector_precision, second.x.data(), y.data(), nullptr, writes.back().word.data());
  wheel_.mark(cycle);
}

}  // namespace northpole::machine::step
