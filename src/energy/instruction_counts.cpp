#include "energy/instruction_counts.h"

#include "chip/chip_description.h"

namespace northpole::energy {
namespace {

constexpr std::uint64_t word = chip::word_bytes;
constexpr std::uint64_t sum_bytes = chip::lanes * std::uint64_t{4};
constexpr std::uint64_t lane_registers = sum_bytes;  // bytes of constant registers with a number for each lane

// Levels 0 .. result - 1 are the loops down to the innermost one that changes the operand.
std::size_t changing_levels(const isa::Instruction& instruction, isa::Operand operand) {
  for (std::size_t level = instruction.loops.size(); level > 0; --level) {
    const isa::Loop& loop = instruction.loops[level - 1];
    if (loop.count > 1 && loop.stride[operand] != 0) return level;
  }
  return 0;
}

std::uint64_t trips(const isa::Instruction& instruction, std::size_t levels, std::uint8_t but_mask) {
  std::uint64_t product = 1;
  for (std::size_t level = 0; level < levels; ++level)
    if ((but_mask >> level & 1) == 0) product *= instruction.loops[level].count;
  return product;
}

void count_multiply(const isa::Instruction& instruction, std::uint64_t events, Counts& counts) {
  const isa::MultiplyMode mode = isa::decode_multiply_mode(instruction.immediate[0]);
  const std::uint64_t lane_elements = word * 8 / mode.activation_bits;
  of(counts, multiply_accumulate(mode.activation_bits, mode.weight_bits)) += events * lane_elements * chip::lanes;
  of(counts, Event::accumulator_update) += events * chip::lanes;
  of(counts, Event::memory_read) += events * word;
  const std::uint64_t block = std::uint64_t{chip::block_words} * mode.weight_bits / mode.activation_bits * word;
  of(counts, Event::weight_buffer_read) += changes(instruction, isa::operand_b) * block;
  // A run of events into one sum is read before, unless it starts the sum, and written after.
  const std::size_t levels = changing_levels(instruction, isa::operand_c);
  const std::uint64_t runs = trips(instruction, levels, 0);
  const bool starts = (instruction.flags & isa::multiply_initialize) != 0;
  const std::uint64_t started = starts ? trips(instruction, levels, mode.initialize_mask) : 0;
  of(counts, Event::partial_sum_buffer_read) += (runs - started) * sum_bytes;
  of(counts, Event::partial_sum_buffer_write) += runs * sum_bytes;
}

// Rounded operations of a lane, its exponential apart.
std::uint64_t operations_of(const isa::VectorFunction& function) {
  switch (function.operation) {
    case isa::VectorOperation::move:
      return 0;
    case isa::VectorOperation::scale:
    case isa::VectorOperation::leaky_relu:
    case isa::VectorOperation::offset:  // an addition, in FP32
      return 1;
    case isa::VectorOperation::add:
    case isa::VectorOperation::subtract:
    case isa::VectorOperation::reverse_subtract:
      return function.second == isa::VectorSecond::memory ? 3 : 2;
    case isa::VectorOperation::multiply:
      return function.second == isa::VectorSecond::memory ? 2 : 1;
    case isa::VectorOperation::sigmoid:
      return 2;
    case isa::VectorOperation::hard_sigmoid:
      return 6;
    case isa::VectorOperation::hard_swish:
      return 7;
  }
  return 0;
}

}  // namespace

std::uint64_t changes(const isa::Instruction& instruction, isa::Operand operand) {
  return trips(instruction, changing_levels(instruction, operand), 0);
}

void count_operation(const isa::Instruction& instruction, std::uint64_t events, Counts& counts) {
  switch (instruction.opcode) {
    case isa::Opcode::multiply:
      return count_multiply(instruction, events, counts);
    case isa::Opcode::constants:
      of(counts, Event::memory_read) += events * word;
      of(counts, Event::constant_register_write) += events * word;
      return;
    case isa::Opcode::send_weights:
      of(counts, Event::memory_read) += events * word * isa::decode_lane_range(instruction.flags).count;
      return;
    case isa::Opcode::send_program:
    case isa::Opcode::send:
      of(counts, Event::memory_read) += events * word;
      return;
    case isa::Opcode::copy:
      of(counts, Event::memory_read) += events * word;
      of(counts, Event::memory_write) += events * word;
      return;
    case isa::Opcode::parameters:
      of(counts, Event::memory_read) += events * word;
      of(counts, Event::parameter_register_write) += events * word;
      return;
    case isa::Opcode::receive:
      of(counts, Event::memory_write) += events * word;
      return;
    case isa::Opcode::receive_program:
      of(counts, Event::program_buffer_write) += events * word;
      return;
    case isa::Opcode::pass: {
      const isa::PassMode mode = isa::decode_pass_mode(instruction.immediate[0]);
      if (mode.local) of(counts, Event::partial_sum_buffer_read) += events * sum_bytes;
      if (mode.local && mode.in != isa::Direction::none)
        of(counts, Event::partial_sum_addition) += events * chip::lanes;
      if (mode.out == isa::Direction::none) of(counts, Event::partial_sum_buffer_write) += events * sum_bytes;
      return;
    }
    default:
      return;
  }
}

void count_vector(const isa::Instruction& instruction, const isa::VectorFunction& function, std::uint64_t events,
                  Counts& counts) {
  const isa::VectorMode mode = isa::decode_vector_mode(instruction.immediate[0]);
  const isa::VectorParts parts = isa::decode_vector_parts(instruction.immediate[1]);
  if (function.source == isa::VectorSource::partial_sum) {
    of(counts, Event::partial_sum_buffer_read) += events * sum_bytes;
    of(counts, Event::constant_register_read) += events * 2 * lane_registers;
    of(counts, Event::requantization) += events * chip::lanes;
  } else {
    of(counts, Event::memory_read) += events * word;
  }
  std::uint64_t outputs = events;
  if (function.reduction != isa::VectorReduction::none) {
    of(counts, Event::vector_operation) += events * chip::lanes;
    outputs = trips(instruction, instruction.loops.size(), mode.last_mask);
  }
  if (function.second == isa::VectorSecond::memory) of(counts, Event::memory_read) += outputs * word;
  if (function.second == isa::VectorSecond::constant)
    of(counts, Event::constant_register_read) += outputs * lane_registers;
  of(counts, Event::vector_operation) += outputs * chip::lanes * operations_of(function);
  if (function.operation == isa::VectorOperation::sigmoid)
    of(counts, Event::activation_function) += outputs * chip::lanes;
  of(counts, Event::output_rounding) += outputs * chip::lanes;
  const std::uint64_t part = 4 * std::uint64_t{function.output_bits};
  of(counts, Event::memory_write) += outputs * (function.output_bits == 8 ? word
                                                : parts.rest              ? word - parts.output * part
                                                                          : part);
}

}  // namespace northpole::energy
