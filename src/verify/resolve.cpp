// Fetching an instruction: what "malformed" and a missing parameter mean for resolved fields.
#include <fmt/format.h>

#include "verify/thread.h"

namespace northpole::verify {
namespace {

// Reads fields, through parameter registers where the mask says so.
class Fields {
 public:
  Fields(Thread& thread, const ProgramBuffers& buffers, const chip::ChipDescription& chip)
      : thread_(thread), buffers_(buffers), chip_(chip) {}

  std::uint32_t read(std::uint32_t field, bool is_parameter) {
    if (!is_parameter || failed_) return field;
    if (field >= chip_.parameters) {
      return fail(FaultKind::address, fmt::format("parameter {}", field),
                  fmt::format("there are {} parameters", chip_.parameters));
    }
    const std::uint32_t* value = buffers_.parameter(thread_.actor.place, thread_.half, field);
    if (value == nullptr) return fail(FaultKind::unwritten, fmt::format("parameter {}", field), "it is not loaded");
    return *value;
  }
  std::uint32_t fail(FaultKind kind, std::string resource, std::string message) {
    if (!failed_) thread_.problem = {kind, std::move(resource), std::move(message)};
    failed_ = true;
    return 0;
  }
  bool failed() const { return failed_; }

 private:
  Thread& thread_;
  const ProgramBuffers& buffers_;
  const chip::ChipDescription& chip_;
  bool failed_ = false;
};

void resolve_loops(Thread& thread, const isa::Instruction& instruction, Fields& fields) {
  thread.loops = static_cast<std::uint8_t>(instruction.loops.size());
  thread.at_first = 0xff;
  thread.single = 0;
  std::array<std::uint32_t, isa::maximum_loops> interval{};
  for (std::size_t i = 0; i < thread.loops; ++i) {
    const isa::Loop& loop = instruction.loops[i];
    Thread::Level& level = thread.level[i];
    level.trip = 0;
    level.count = static_cast<std::uint16_t>(fields.read(loop.count, (loop.parameter_mask & 1) != 0));
    interval[i] = fields.read(loop.interval, (loop.parameter_mask & 2) != 0);
    for (std::size_t k = 0; k < 4; ++k) {
      level.stride[k] = static_cast<std::uint16_t>(
          fields.read(static_cast<std::uint16_t>(loop.stride[k]), (loop.parameter_mask >> (2 + k) & 1) != 0));
    }
    if (fields.failed()) return;
    if (level.count == 0) {
      fields.fail(FaultKind::malformed, fmt::format("loop {}", i), "it makes no trip");
      return;
    }
    if (level.count == 1) thread.single |= static_cast<std::uint8_t>(1u << i);
  }
  thread.at_last = thread.single;
  // From the innermost loop outwards: the length of a trip, and how far cycle and operands have come in its last event.
  std::uint64_t body = 1;
  std::array<std::uint16_t, 4> come{};
  for (std::size_t i = thread.loops; i-- > 0;) {
    Thread::Level& level = thread.level[i];
    if (level.count > 1 && interval[i] < body) {
      fields.fail(FaultKind::malformed, fmt::format("loop {}", i),
                  fmt::format("an interval of {} cycles for trips of {}", interval[i], body));
      return;
    }
    level.cycles = interval[i] - (body - 1);
    body += std::uint64_t{level.count - 1} * interval[i];
    for (std::size_t k = 0; k < 4; ++k) {
      const std::uint16_t stride = level.stride[k];
      level.stride[k] = static_cast<std::uint16_t>(stride - come[k]);
      come[k] = static_cast<std::uint16_t>(come[k] + stride * (level.count - 1));
    }
  }
}

// What is wrong with the instruction's mode; empty when nothing is.
std::string mode_problem(const Thread& thread, const chip::ChipDescription& chip) {
  const auto beyond = [&](unsigned mask) { return (mask >> thread.loops) != 0; };
  const std::uint32_t mode_word = thread.immediate[0];
  switch (thread.opcode) {
    case isa::Opcode::end:
    case isa::Opcode::switch_program:
      return thread.loops != 0 ? "it has one event and no loops" : "";
    case isa::Opcode::multiply: {
      const isa::MultiplyMode mode = isa::decode_multiply_mode(mode_word);
      if (isa::encode(mode) != mode_word) return "reserved bits of the mode are set";
      const auto is_width = [](unsigned bits) { return bits == 2 || bits == 4 || bits == 8; };
      if (!is_width(mode.activation_bits) || !is_width(mode.weight_bits)) return "elements of neither 8, 4 nor 2 bit";
      if (mode.weight_bits > mode.activation_bits) return "weights wider than activations";
      if (beyond(mode.initialize_mask | mode.release_mask)) return "a mask names a loop that is not there";
      if (mode.initialize_mask != 0 && (thread.flags & isa::multiply_initialize) == 0)
        return "an initialize mask without its flag";
      if (mode.release_mask != 0 && (thread.flags & isa::multiply_release) == 0)
        return "a release mask without its flag";
      return "";
    }
    case isa::Opcode::vector: {
      const isa::VectorMode mode = isa::decode_vector_mode(mode_word);
      if (isa::encode(mode) != mode_word) return "reserved bits of the mode are set";
      if ((thread.immediate[1] & ~0xffu) != 0) return "reserved bits of the parts are set";
      return beyond(mode.first_mask | mode.last_mask) ? "a mask names a loop that is not there" : "";
    }
    case isa::Opcode::pass: {
      const isa::PassMode mode = isa::decode_pass_mode(mode_word);
      if (isa::encode(mode) != mode_word) return "reserved bits of the mode are set";
      if (mode.in > isa::Direction::west || mode.out > isa::Direction::west) return "a direction that does not exist";
      if (mode.in == isa::Direction::none && mode.out == isa::Direction::none) return "neither in nor out";
      return mode.in == isa::Direction::none && !mode.local ? "nothing to pass: no in and no own sum" : "";
    }
    case isa::Opcode::send_weights:
    case isa::Opcode::receive_weights: {
      const isa::LaneRange range = isa::decode_lane_range(thread.flags);
      return range.first + std::uint32_t{range.count} > chip.model_lanes ? "lanes that the model network does not have"
                                                                         : "";
    }
    case isa::Opcode::send:
      return (thread.flags & isa::send_west_edge) != 0 && (thread.immediate[0] | thread.immediate[1]) != 0
                 ? "to the west edge and to cores at once"
                 : "";
    default:
      return "";
  }
}

}  // namespace

std::uint32_t resolve(Thread& thread, const ProgramBuffers& buffers, const chip::ChipDescription& chip) {
  const isa::Instruction& instruction = thread.section->instructions[thread.next_instruction++];
  Fields fields(thread, buffers, chip);
  thread.opcode = instruction.opcode;
  thread.flags = instruction.flags;
  thread.tensor = instruction.tensor;
  const std::uint8_t mask = instruction.parameter_mask;
  const std::uint32_t delay = fields.read(instruction.delay, (mask & isa::parameter_delay) != 0);
  for (std::size_t k = 0; k < 4; ++k) {
    thread.operand[k] =
        static_cast<std::uint16_t>(fields.read(instruction.operand[k], (mask & isa::parameter_a << k) != 0));
  }
  for (std::size_t k = 0; k < 2; ++k) {
    thread.immediate[k] = fields.read(instruction.immediate[k], (mask & isa::parameter_immediate0 << k) != 0);
  }
  resolve_loops(thread, instruction, fields);
  if (!fields.failed()) {
    std::string problem = mode_problem(thread, chip);
    if (!problem.empty()) fields.fail(FaultKind::malformed, isa::name(thread.opcode), std::move(problem));
  }
  thread.broken = fields.failed();
  return thread.broken ? 0 : delay;
}

}  // namespace northpole::verify
