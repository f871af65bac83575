// The vector unit: constant registers, sources, second operands, outputs. The arithmetic is
// machine/vector_arithmetic.h.
#include <fmt/format.h>

#include <cstring>

#include "machine/step/simulator.h"
#include "machine/unpack.h"
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

// The 32 codes of a part of a word of `bits`-bit codes, less their zero.
void load_part(const isa::Word& word, std::uint32_t bits, std::uint32_t part, bool is_signed, std::int32_t zero,
               std::int32_t* x) {
  if (bits == 8) {
    load_codes(word.data(), is_signed, zero, x);
    return;
  }
  std::array<std::uint8_t, chip::lanes> codes;
  unpack_codes(word.data() + part * 4 * bits, bits, is_signed, chip::lanes, codes.data());
  load_codes(codes.data(), is_signed, zero, x);
}

// Makes 32 output codes, one a byte, a write of their part of the word.
void narrow_output(std::uint32_t bits, const isa::VectorParts& parts, DelayedWrite& write) {
  if (bits == 8) return;
  const isa::Word codes = write.word;
  write.word = {};
  pack_codes(codes.data(), bits, chip::lanes, write.word.data() + parts.output * 4 * bits);
  const std::uint32_t quarters = bits / 2, first = parts.output * quarters;  // 32 codes of 2 bit are a quarter
  const std::uint32_t end = parts.rest ? 4 : first + quarters;
  write.quarters = static_cast<Quarters>((1u << end) - (1u << first));
  write.further = !parts.first;
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
  ++activity_[core].constant_words_loaded;
}

// A part beyond its word has no meaning, nor has a new or a finished word where an output is a whole word.
void Simulator::check_parts(const ThreadState& thread, const isa::VectorFunction& function, const Actor& self) {
  if (thread.immediate[1] == 0) return;  // the first part of all of them
  const isa::VectorParts& parts = thread.parts;
  const auto beyond = [](std::uint32_t part, std::uint32_t bits) { return part >= 8 / bits; };
  if (beyond(parts.source, function.source_bits) || beyond(parts.second, function.second_bits) ||
      beyond(parts.output, function.output_bits) || ((parts.first || parts.rest) && function.output_bits == 8)) {
    stop(FaultKind::malformed, self, "parts that words of the function's widths do not have");
  }
}

void Simulator::vector_source(ThreadState& thread, std::uint32_t core, const isa::VectorFunction& function,
                              const Actor& self, std::int32_t* x) {
  if (function.source == isa::VectorSource::memory) {
    const isa::Word& word = read(core, thread.operand[0], thread.tensor[0], self);
    load_part(word, function.source_bits, thread.parts.source, function.source_signed, function.source_zero, x);
    return;
  }
  const bool has_offset = function.operation == isa::VectorOperation::offset;
  const isa::Word* registers =
      constant_registers(core, thread.operand[2], (has_offset ? 3 : 2) * registers_of_lanes, self);
  activity_[core].constant_words_read += 2 * registers_of_lanes;  // an offset is counted as the second operand
  ++activity_[core].requantized;
  const auto bias = lane_values<std::int32_t>(registers);
  const auto scale = lane_values<float>(registers + registers_of_lanes);
  const SumVector& sum = use_sum(core, thread.operand[0], self);
  std::array<float, chip::lanes> offset;
  if (has_offset) offset = lane_values<float>(registers + 2 * registers_of_lanes);
  requantize(sum.data(), bias.data(), scale.data(), has_offset ? offset.data() : nullptr, function.middle_lowest,
             function.middle_highest, x);
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
  check_parts(thread, function, self);
  std::array<std::int32_t, chip::lanes> x;
  vector_source(thread, core, function, self, x.data());
  if (function.reduction == isa::VectorReduction::none) {
    if (thread.first_mask != 0 || thread.last_mask != 0)
      stop(FaultKind::malformed, self, "masks of a window without reduction");
  } else {
    auto& largest = constants_[core].largest;
    const bool first = (thread.first_mask & ~thread.loops.at_first) == 0,
               last = (thread.last_mask & ~thread.loops.at_last) == 0;
    ++activity_[core].compared;
    for (std::size_t l = 0; l < x.size(); ++l) largest[l] = first ? x[l] : std::max(largest[l], x[l]);
    if (!last) return;
    x = largest;
  }
  check_address(thread.operand[3], self);
  ++activity_[core].results[static_cast<std::size_t>(function.operation)][static_cast<std::size_t>(function.second)];
  if (function.second == isa::VectorSecond::memory) {
    check_address(thread.operand[1], self);
    auto& seconds = delayed_.second_reads.at(now_ + 1);
    seconds.push_back({core, thread.operand[1], thread.tensor[1], thread.operand[3], thread.tensor[3], function,
                       thread.parts, x, self});
    wheel_.mark(now_ + 1);
    return;
  }
  std::array<float, chip::lanes> constant;
  if (function.second == isa::VectorSecond::constant) {
    const std::uint32_t offset = function.source == isa::VectorSource::partial_sum ? 2 * registers_of_lanes : 0;
    activity_[core].constant_words_read += registers_of_lanes;
    constant = lane_values<float>(constant_registers(core, thread.operand[2] + offset, registers_of_lanes, self));
  }
  const std::uint64_t cycle = now_ + chip_.vector_latency;
  auto& writes = delayed_.writes.at(cycle);
  writes.push_back({core, thread.operand[3], thread.tensor[3], {}, all_quarters, false, self});
  apply(function, chip_.vector_precision, x.data(), nullptr, constant.data(), writes.back().word.data());
  narrow_output(function.output_bits, thread.parts, writes.back());
  wheel_.mark(cycle);
}

// In the cycle after the event: the second operand is read, the output written vector_latency after the event.
void Simulator::finish_vector(const SecondRead& second) {
  const isa::Word& word = read(second.core, second.address, second.tag, second.actor);
  std::array<std::int32_t, chip::lanes> y;
  load_part(word, second.function.second_bits, second.parts.second, second.function.second_signed,
            second.function.second_zero, y.data());
  const std::uint64_t cycle = now_ - 1 + chip_.vector_latency;
  auto& writes = delayed_.writes.at(cycle);
  writes.push_back({second.core, second.output_address, second.output_tag, {}, all_quarters, false, second.actor});
  apply(second.function, chip_.vector_precision, second.x.data(), y.data(), nullptr, writes.back().word.data());
  narrow_output(second.function.output_bits, second.parts, writes.back());
  wheel_.mark(cycle);
}

}  // namespace northpole::machine::step
