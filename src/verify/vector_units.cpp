#include "verify/vector_units.h"

#include <fmt/format.h>

namespace northpole::verify {
namespace {

// Registers that hold a number for each lane: bias, scale or constant operand.
constexpr std::uint32_t lane_registers = 4;

// Bytes that 32 elements take.
constexpr std::uint32_t bytes_of_part(std::uint32_t bits) { return 4 * bits; }
constexpr bool part_exists(std::uint32_t part, std::uint32_t bits) {
  return (part + 1) * bytes_of_part(bits) <= chip::word_bytes;
}

}  // namespace

VectorUnits::VectorUnits(const chip::ChipDescription& chip, Memories& memories, PartialSums& sums, LaterAccesses& later,
                         Reporter& reporter, Counts& counts)
    : chip_(chip),
      memories_(memories),
      sums_(sums),
      later_(later),
      reporter_(reporter),
      counts_(counts),
      registers_(std::size_t{chip.cores()} * chip.constant_words),
      plans_(chip.cores()) {}

void VectorUnits::constants(std::uint64_t cycle, const Thread& thread) {
  const Actor& actor = thread.actor;
  const std::uint32_t address = thread.operand[isa::operand_a], index = thread.operand[isa::operand_c];
  const bool readable = in_memory(cycle, actor, address, "source");
  if (readable) memories_.read(cycle, actor, address, thread.tensor[isa::operand_a]);
  if (index >= chip_.constant_words) {
    reporter_.report(FaultKind::address, cycle, actor, fmt::format("constant register {}", index),
                     fmt::format("there are {}", chip_.constant_words));
    return;
  }
  at(actor.place, index) = {true, readable ? memories_.image_word(actor.place, address) : nullptr};
}

bool VectorUnits::in_memory(std::uint64_t cycle, const Actor& actor, std::uint32_t address, const char* operand) {
  if (memories_.in_range(address)) return true;
  reporter_.report(FaultKind::address, cycle, actor, fmt::format("word {}", address),
                   fmt::format("the {} is outside the memory", operand));
  return false;
}

bool VectorUnits::check_registers(std::uint64_t cycle, const Actor& actor, std::uint32_t first, std::uint32_t count) {
  for (std::uint32_t index = first; index < first + count; ++index) {
    if (index >= chip_.constant_words) {
      reporter_.report(FaultKind::address, cycle, actor, fmt::format("constant register {}", index),
                       fmt::format("there are {}", chip_.constant_words));
      return false;
    }
    if (!at(actor.place, index).loaded) {
      reporter_.report(FaultKind::unwritten, cycle, actor, fmt::format("constant register {}", index),
                       "never loaded in this run");
      return false;
    }
  }
  return true;
}

bool VectorUnits::make_plan(std::uint64_t cycle, const Thread& thread, Plan& plan) {
  const Actor& actor = thread.actor;
  const isa::VectorMode mode = isa::decode_vector_mode(thread.immediate[0]);
  const std::string resource = fmt::format("vector function in constant registers {} and {}", mode.function_register,
                                           mode.function_register + 1);
  if (!check_registers(cycle, actor, mode.function_register, 2)) return false;
  const isa::Word* first = at(actor.place, mode.function_register).content;
  const isa::Word* second = at(actor.place, mode.function_register + 1u).content;
  if (first == nullptr || second == nullptr) {
    reporter_.report(FaultKind::malformed, cycle, actor, resource, "it does not come from the memory image");
    return false;
  }
  const auto function = isa::decode_vector_function(*first, *second);
  if (!function) {
    reporter_.report(FaultKind::malformed, cycle, actor, resource, "it does not decode");
    return false;
  }
  if (function->reduction == isa::VectorReduction::none && (mode.first_mask | mode.last_mask) != 0) {
    reporter_.report(FaultKind::malformed, cycle, actor, resource,
                     "the instruction has windows, the function no reduction");
    return false;
  }
  const isa::VectorParts parts = isa::decode_vector_parts(thread.immediate[1]);
  if (!part_exists(parts.source, function->source_bits) || !part_exists(parts.second, function->second_bits) ||
      !part_exists(parts.output, function->output_bits)) {
    reporter_.report(FaultKind::malformed, cycle, actor, resource, "the instruction names a part beyond its word");
    return false;
  }
  PartOfWord output;
  if (function->output_bits != 8) {
    output.first = static_cast<std::uint8_t>(parts.output * bytes_of_part(function->output_bits));
    if (!parts.rest) output.end = static_cast<std::uint8_t>(output.first + bytes_of_part(function->output_bits));
    output.begins = parts.first;
  } else if (parts.first || parts.rest) {
    reporter_.report(FaultKind::malformed, cycle, actor, resource,
                     "the instruction writes parts, the function whole words");
    return false;
  }
  plan = {actor.instruction, *function, mode, output};
  return true;
}

void VectorUnits::vector(std::uint64_t cycle, const Thread& thread) {
  ++counts_.vectors;
  const Actor& actor = thread.actor;
  Plan& plan = plans_[actor.place];
  if (plan.instruction != actor.instruction && !make_plan(cycle, thread, plan)) return;

  const isa::VectorFunction& function = plan.function;
  std::uint32_t constant = thread.operand[isa::operand_c];
  if (function.source == isa::VectorSource::partial_sum) {
    sums_.take(cycle, actor, thread.operand[isa::operand_a]);
    if (!check_registers(cycle, actor, constant, 2 * lane_registers)) return;
    constant += 2 * lane_registers;
  } else {
    const std::uint32_t source = thread.operand[isa::operand_a];
    if (!in_memory(cycle, actor, source, "source")) return;
    memories_.read(cycle, actor, source, thread.tensor[isa::operand_a]);
  }
  if (function.reduction != isa::VectorReduction::none && !thread.last_of(plan.mode.last_mask)) return;

  if (function.second == isa::VectorSecond::memory) {
    const std::uint32_t second = thread.operand[isa::operand_b];
    if (!in_memory(cycle, actor, second, "second operand")) return;
    later_.read(cycle + 1, actor, second, thread.tensor[isa::operand_b]);
  } else if (function.second == isa::VectorSecond::constant) {
    if (!check_registers(cycle, actor, constant, lane_registers)) return;
  }
  const std::uint32_t output = thread.operand[isa::operand_d];
  if (!in_memory(cycle, actor, output, "output")) return;
  later_.write(cycle + chip_.vector_latency, actor, output, thread.tensor[isa::operand_d], plan.output);
}

}  // namespace northpole::verify
