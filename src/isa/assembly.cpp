#include "isa/assembly.h"

#include <fmt/format.h>

#include <array>

namespace northpole::isa {
namespace {

enum class Role : std::uint8_t { unused, number, memory };

struct OperandForm {
  const char* name = nullptr;
  Role role = Role::unused;
};

// What operands a..d are called, by operation.
std::array<OperandForm, 4> operand_forms(Opcode opcode) {
  switch (opcode) {
    case Opcode::multiply:
      return {{{"activation", Role::memory}, {"block", Role::number}, {"sum", Role::number}, {}}};
    case Opcode::vector:
      return {
          {{"source", Role::memory}, {"second", Role::memory}, {"constants", Role::number}, {"output", Role::memory}}};
    case Opcode::constants:
      return {{{"source", Role::memory}, {}, {"register", Role::number}, {}}};
    case Opcode::copy:
      return {{{"source", Role::memory}, {"target", Role::memory}, {}, {}}};
    case Opcode::parameters:
      return {{{"source", Role::memory}, {"group", Role::number}, {}, {}}};
    case Opcode::send:
    case Opcode::send_weights:
    case Opcode::send_program:
      return {{{"source", Role::memory}, {}, {}, {}}};
    case Opcode::receive:
      return {{{}, {}, {}, {"target", Role::memory}}};
    case Opcode::receive_weights:
      return {{{}, {"weight word", Role::number}, {}, {}}};
    case Opcode::receive_program:
      return {{{}, {"program word", Role::number}, {}, {}}};
    case Opcode::pass:
      return {{{"sum", Role::number}, {}, {}, {}}};
    default:
      return {};
  }
}

const char* direction(Direction direction) {
  constexpr std::array<const char*, 5> names = {"none", "north", "east", "south", "west"};
  const auto index = static_cast<std::size_t>(direction);
  return index < names.size() ? names[index] : "nowhere";
}

std::string value(std::uint32_t number, bool is_parameter) {
  return fmt::format("{}{}", is_parameter ? "p" : "", number);
}

// "3, 5..7": the set bits of a mask.
std::string bits(std::uint32_t mask) {
  std::string text;
  for (std::uint32_t first = 0; first < 32; ++first) {
    if ((mask >> first & 1) == 0) continue;
    std::uint32_t last = first;
    while (last < 31 && (mask >> (last + 1) & 1) != 0) ++last;
    if (!text.empty()) text += ", ";
    text += first == last ? fmt::format("{}", first) : fmt::format("{}..{}", first, last);
    first = last;
  }
  return text.empty() ? "none" : text;
}

std::string when(std::uint8_t mask, const char* which) {
  return mask == 0 ? "always" : fmt::format("at {} of loop {}", which, bits(mask));
}

std::string destination(const Instruction& instruction) {
  const auto part = [&](std::size_t index, std::uint8_t parameter) {
    return (instruction.parameter_mask & parameter) != 0 ? value(instruction.immediate[index], true)
                                                         : bits(instruction.immediate[index]);
  };
  return fmt::format("to columns {} of rows {}", part(0, parameter_immediate0), part(1, parameter_immediate1));
}

std::string lane_text(const Instruction& instruction) {
  const LaneRange range = decode_lane_range(instruction.flags);
  return range.count == 1 ? fmt::format("lane {}", range.first)
                          : fmt::format("lanes {}..{}", range.first, range.first + range.count - 1);
}

std::string multiply_text(const Instruction& instruction) {
  const MultiplyMode mode = decode_multiply_mode(instruction.immediate[0]);
  const bool narrow = mode.activation_bits != 8 || mode.weight_bits != 8;
  std::string text = narrow ? fmt::format("; activations {} bit", mode.activation_bits) : "";
  if (!mode.activation_signed) text += narrow ? " unsigned" : "; activations unsigned";
  if (narrow) text += fmt::format(", weights {} bit", mode.weight_bits);
  if ((instruction.flags & multiply_initialize) != 0)
    text += "; start the sum " + when(mode.initialize_mask, "the first trip");
  if ((instruction.flags & multiply_release) != 0)
    text += "; release the block " + when(mode.release_mask, "the last trip");
  return text;
}

std::string vector_text(const Instruction& instruction) {
  const VectorMode mode = decode_vector_mode(instruction.immediate[0]);
  std::string text = fmt::format("; function {}", mode.function_register);
  if (mode.first_mask != 0 || mode.last_mask != 0) {
    text += fmt::format("; window begins {}, ends {}", when(mode.first_mask, "the first trip"),
                        when(mode.last_mask, "the last trip"));
  }
  return text;
}

// What of narrow elements a vector event works on: "; source part 1; output part 2, first".
std::string parts_text(const Instruction& instruction) {
  if ((instruction.parameter_mask & parameter_immediate1) != 0)
    return "; parts " + value(instruction.immediate[1], true);
  const VectorParts parts = decode_vector_parts(instruction.immediate[1]);
  std::string text;
  if (parts.source != 0) text += fmt::format("; source part {}", parts.source);
  if (parts.second != 0) text += fmt::format("; second part {}", parts.second);
  if (parts.output != 0 || parts.first || parts.rest) {
    text += fmt::format("; output part {}{}{}", parts.output, parts.first ? ", first" : "", parts.rest ? ", rest" : "");
  }
  return text;
}

std::string pass_text(const Instruction& instruction) {
  const PassMode mode = decode_pass_mode(instruction.immediate[0]);
  std::string text;
  if (mode.in != Direction::none) text += fmt::format("; from {}", direction(mode.in));
  if (mode.local) text += "; own sum";
  text += mode.out != Direction::none ? fmt::format("; to {}", direction(mode.out)) : "; keep";
  return text;
}

// What flags and immediates say.
std::string mode_text(const Instruction& instruction) {
  const bool mode_is_parameter = (instruction.parameter_mask & parameter_immediate0) != 0;
  switch (instruction.opcode) {
    case Opcode::multiply:
    case Opcode::vector:
    case Opcode::pass:
      return (mode_is_parameter                        ? "; mode " + value(instruction.immediate[0], true)
              : instruction.opcode == Opcode::multiply ? multiply_text(instruction)
              : instruction.opcode == Opcode::vector   ? vector_text(instruction)
                                                       : pass_text(instruction)) +
             (instruction.opcode == Opcode::vector ? parts_text(instruction) : "");
    case Opcode::send:
      return (instruction.flags & send_west_edge) != 0 ? " to the west edge" : " " + destination(instruction);
    case Opcode::send_program:
      return " " + destination(instruction);
    case Opcode::send_weights:
      return fmt::format(" on {} {}", lane_text(instruction), destination(instruction));
    case Opcode::receive_weights: {
      std::string text = " from " + lane_text(instruction);
      if ((instruction.parameter_mask & parameter_immediate1) != 0)
        return text + ", skews " + value(instruction.immediate[1], true);
      if (instruction.immediate[1] != 0) {
        text += ", skews";
        for (unsigned lane = 0; lane < 4; ++lane)
          text += fmt::format(" {}", instruction.immediate[1] >> (8 * lane) & 255);
      }
      return text;
    }
    default:
      return "";
  }
}

std::string operation_text(const Instruction& instruction, const TensorLookup& tensor) {
  const char* operation = name(instruction.opcode);
  std::string text = operation != nullptr ? operation : fmt::format("opcode {}", static_cast<int>(instruction.opcode));
  const auto forms = operand_forms(instruction.opcode);
  const char* separator = " ";
  for (std::size_t i = 0; i < forms.size(); ++i) {
    const bool is_parameter = (instruction.parameter_mask & (parameter_a << i)) != 0;
    if (forms[i].role == Role::unused) continue;
    // A vector's second operand is only there when it has a tensor.
    if (instruction.opcode == Opcode::vector && i == operand_b && instruction.tensor[i] == 0) continue;
    const char* form = forms[i].name;
    const bool is_sum = instruction.opcode == Opcode::vector && i == operand_a && instruction.tensor[i] == 0;
    text += fmt::format("{}{} {}", separator, is_sum ? "sum" : form, value(instruction.operand[i], is_parameter));
    separator = ", ";
    if (forms[i].role != Role::memory || is_sum) continue;
    text += tensor ? fmt::format(" \"{}\"", tensor(instruction.tensor[i]))
                   : fmt::format(" tensor {}", instruction.tensor[i]);
  }
  return text + mode_text(instruction);
}

std::string loop_text(const Instruction& instruction, const Loop& loop) {
  std::string text = fmt::format("loop {} every {}", value(loop.count, (loop.parameter_mask & 1) != 0),
                                 value(loop.interval, (loop.parameter_mask & 2) != 0));
  const auto forms = operand_forms(instruction.opcode);
  const char* separator = ": ";
  for (std::size_t i = 0; i < forms.size(); ++i) {
    const bool is_parameter = (loop.parameter_mask >> (2 + i) & 1) != 0;
    if (forms[i].role == Role::unused || (loop.stride[i] == 0 && !is_parameter)) continue;
    text += separator + std::string(forms[i].name);
    text += is_parameter ? fmt::format(" +p{}", static_cast<std::uint16_t>(loop.stride[i]))
                         : fmt::format(" {:+d}", loop.stride[i]);
    separator = ", ";
  }
  return text;
}

std::vector<std::string> lines(const Instruction& instruction, const TensorLookup& tensor) {
  std::vector<std::string> result;
  for (const Loop& loop : instruction.loops) result.push_back(loop_text(instruction, loop));
  result.push_back(operation_text(instruction, tensor));
  if (instruction.delay != 0 || (instruction.parameter_mask & parameter_delay) != 0) {
    result[0] =
        fmt::format("+{} {}", value(instruction.delay, (instruction.parameter_mask & parameter_delay) != 0), result[0]);
  }
  return result;
}

}  // namespace

std::string assembly(const Instruction& instruction, const TensorLookup& tensor) {
  std::string text;
  std::size_t depth = 0;
  for (const std::string& line : lines(instruction, tensor)) {
    if (depth != 0) text += "\n";
    text += std::string(2 * depth++, ' ') + line;
  }
  return text;
}

std::string assembly_line(const Instruction& instruction, const TensorLookup& tensor) {
  std::string text;
  for (const std::string& line : lines(instruction, tensor)) text += (text.empty() ? "" : " | ") + line;
  return text;
}

std::string section_assembly(const Word* words, std::size_t count, std::size_t start, const TensorLookup& tensor) {
  std::string text;
  for (std::size_t index = start; index < count;) {
    const std::size_t first = index;
    std::string problem;
    const auto instruction = decode(words, count, index, problem);
    if (!instruction) return text + fmt::format("{:5}  ? {}\n", first, problem);
    std::string margin = fmt::format("{:5}  ", first);
    std::string line;
    for (const char letter : assembly(*instruction, tensor) + "\n") {
      line += letter;
      if (letter != '\n') continue;
      text += margin + line;
      margin.assign(margin.size(), ' ');
      line.clear();
    }
    if (instruction->opcode == Opcode::end || instruction->opcode == Opcode::switch_program) break;
  }
  return text;
}

}  // namespace northpole::isa
