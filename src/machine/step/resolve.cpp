#include "machine/step/resolve.h"

#include <fmt/format.h>

namespace northpole::machine::step {
namespace {

using isa::Instruction;
using isa::Loop;
using isa::Opcode;

class Resolver {
 public:
  Resolver(const chip::ChipDescription& chip, const ProgramHalf* half, ThreadState& thread, SectionProblem& problem)
      : chip_(chip), half_(half), thread_(thread), problem_(problem), instruction_(*thread.instruction) {}

  bool run() {
    thread_.opcode = instruction_.opcode;
    thread_.flags = instruction_.flags;
    thread_.tensor = instruction_.tensor;
    std::uint32_t delay = 0;
    if (!field(instruction_.delay, isa::parameter_delay, delay)) return false;
    for (std::size_t i = 0; i < 4; ++i) {
      std::uint32_t value = 0;
      if (!field(instruction_.operand[i], static_cast<std::uint8_t>(isa::parameter_a << i), value)) return false;
      thread_.operand[i] = static_cast<std::uint16_t>(value);
    }
    for (std::size_t i = 0; i < 2; ++i) {
      if (!field(instruction_.immediate[i], static_cast<std::uint8_t>(isa::parameter_immediate0 << i),
                 thread_.immediate[i]))
        return false;
    }
    if (!loops() || !modes()) return false;
    thread_.cycle = (thread_.has_previous ? thread_.previous_cycle + 1 : 0) + delay;
    return true;
  }

 private:
  bool fail(FaultKind kind, std::string what) {
    problem_ = {kind, std::move(what)};
    return false;
  }

  bool parameter(std::uint32_t index, std::uint32_t& value) {
    if (index >= chip_.parameters) return fail(FaultKind::address, fmt::format("parameter {}", index));
    if (half_ == nullptr || !half_->has_parameter(index))
      return fail(FaultKind::unwritten, fmt::format("parameter {}", index));
    value = half_->parameters[index];
    return true;
  }

  bool field(std::uint32_t held, std::uint8_t bit, std::uint32_t& value) {
    if (instruction_.parameter_mask & bit) return parameter(held, value);
    value = held;
    return true;
  }

  bool loop_field(const Loop& loop, std::uint32_t held, std::uint32_t bit, std::uint32_t& value) {
    if (loop.parameter_mask & bit) return parameter(held, value);
    value = held;
    return true;
  }

  bool loops() {
    LoopNest& nest = thread_.loops;
    nest.levels = static_cast<std::uint8_t>(instruction_.loops.size());
    nest.at_first = static_cast<std::uint8_t>((1u << nest.levels) - 1);
    nest.at_last = 0;
    std::uint64_t body = 0;    // cycles from the body's first event to its last
    Operands body_operands{};  // what the operands have moved by then
    for (std::uint32_t i = 0; i < nest.levels; ++i) {
      const std::uint32_t number = nest.levels - 1 - i;
      const Loop& loop = instruction_.loops[number];
      LoopNest::Level& level = nest.level[i];
      std::uint32_t count = 0, interval = 0;
      if (!loop_field(loop, loop.count, 1, count) || !loop_field(loop, loop.interval, 2, interval)) return false;
      Operands stride{};
      for (std::size_t operand = 0; operand < 4; ++operand) {
        std::uint32_t value = 0;
        if (!loop_field(loop, static_cast<std::uint16_t>(loop.stride[operand]), 4u << operand, value)) return false;
        stride[operand] = static_cast<std::uint16_t>(value);
      }
      level.count = static_cast<std::uint16_t>(count);
      level.trip = 0;
      if (level.count == 0) return fail(FaultKind::malformed, fmt::format("loop {} has count 0", number));
      if (level.count > 1 && interval < body + 1) {
        return fail(FaultKind::malformed,
                    fmt::format("loop {} has interval {}, its body is {} cycles long", number, interval, body + 1));
      }
      level.cycles = interval - body;
      level.operands = stride - body_operands;
      if (level.count == 1) nest.at_last |= static_cast<std::uint8_t>(1u << number);
      const auto more = static_cast<std::uint16_t>(level.count - 1);
      body += std::uint64_t{more} * interval;
      body_operands += stride * Operands{more, more, more, more};
    }
    return true;
  }

  bool masks_fit(std::uint32_t mask) const { return (mask >> instruction_.loops.size()) == 0; }

  bool lanes() {
    const isa::LaneRange range = isa::decode_lane_range(instruction_.flags);
    if (range.first + range.count > chip_.model_lanes) {
      return fail(FaultKind::malformed, fmt::format("lanes {} to {}", range.first, range.first + range.count - 1));
    }
    thread_.lane_first = range.first;
    thread_.lane_count = range.count;
    return true;
  }

  bool multiply() {
    const isa::MultiplyMode mode = isa::decode_multiply_mode(thread_.immediate[0]);
    if (isa::encode(mode) != thread_.immediate[0]) return fail(FaultKind::malformed, "mode with reserved bits set");
    const auto width = [](std::uint8_t bits) { return bits == 8 || bits == 4 || bits == 2; };
    if (!width(mode.activation_bits) || !width(mode.weight_bits) || mode.weight_bits > mode.activation_bits) {
      return fail(FaultKind::malformed,
                  fmt::format("{}-bit activations and {}-bit weights", mode.activation_bits, mode.weight_bits));
    }
    const bool masks_have_flags = (mode.initialize_mask == 0 || (instruction_.flags & isa::multiply_initialize)) &&
                                  (mode.release_mask == 0 || (instruction_.flags & isa::multiply_release));
    if (!masks_have_flags || !masks_fit(mode.initialize_mask) || !masks_fit(mode.release_mask)) {
      return fail(FaultKind::malformed, "mask without its flag or its loop");
    }
    thread_.first_mask = mode.initialize_mask;
    thread_.last_mask = mode.release_mask;
    thread_.activation_signed = mode.activation_signed;
    thread_.activation_bits = mode.activation_bits;
    thread_.weight_bits = mode.weight_bits;
    return true;
  }

  bool vector() {
    const isa::VectorMode mode = isa::decode_vector_mode(thread_.immediate[0]);
    if (isa::encode(mode) != thread_.immediate[0]) return fail(FaultKind::malformed, "mode with reserved bits set");
    if (!masks_fit(mode.first_mask) || !masks_fit(mode.last_mask))
      return fail(FaultKind::malformed, "mask without its loop");
    thread_.parts = isa::decode_vector_parts(thread_.immediate[1]);
    if (isa::encode(thread_.parts) != thread_.immediate[1])
      return fail(FaultKind::malformed, "parts with reserved bits set");
    thread_.function_register = mode.function_register;
    thread_.first_mask = mode.first_mask;
    thread_.last_mask = mode.last_mask;
    return true;
  }

  bool pass() {
    const isa::PassMode mode = isa::decode_pass_mode(thread_.immediate[0]);
    if (isa::encode(mode) != thread_.immediate[0]) return fail(FaultKind::malformed, "mode with reserved bits set");
    if (mode.in > isa::Direction::west || mode.out > isa::Direction::west)
      return fail(FaultKind::malformed, "unknown direction");
    const bool in = mode.in != isa::Direction::none, out = mode.out != isa::Direction::none;
    if ((!in && !out) || (!mode.local && !in)) return fail(FaultKind::malformed, "nothing to pass");
    thread_.pass = mode;
    return true;
  }

  bool modes() {
    switch (instruction_.opcode) {
      case Opcode::end:
      case Opcode::switch_program:
        if (!instruction_.loops.empty()) return fail(FaultKind::malformed, "loops around it");
        return true;
      case Opcode::multiply:
        return multiply();
      case Opcode::vector:
        return vector();
      case Opcode::pass:
        return pass();
      case Opcode::send_weights:
      case Opcode::receive_weights:
        return lanes();
      case Opcode::send:
        if ((instruction_.flags & isa::send_west_edge) && (thread_.immediate[0] != 0 || thread_.immediate[1] != 0)) {
          return fail(FaultKind::malformed, "masks of a word for the edge");
        }
        return true;
      default:
        return true;
    }
  }

  const chip::ChipDescription& chip_;
  const ProgramHalf* half_;
  ThreadState& thread_;
  SectionProblem& problem_;
  const Instruction& instruction_;
};

}  // namespace

bool resolve(const chip::ChipDescription& chip, const ProgramHalf* half, ThreadState& thread, SectionProblem& problem) {
  return Resolver(chip, half, thread, problem).run();
}

}  // namespace northpole::machine::step
