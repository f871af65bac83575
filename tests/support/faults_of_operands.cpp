// Addresses, strides, tags, masks and modes of instructions.
#include <algorithm>

#include "support/planted_faults.h"

namespace northpole::tests {

using isa::Instruction;
using isa::Opcode;

namespace {

// Operands that the operation uses, as indices.
std::vector<std::size_t> operands_of(const Instruction& instruction) {
  using namespace isa;
  switch (instruction.opcode) {
    case Opcode::multiply:
      return {operand_a, operand_b, operand_c};
    case Opcode::vector:
      return {operand_a, operand_b, operand_c, operand_d};
    case Opcode::constants:
      return {operand_a, operand_c};
    case Opcode::send_weights:
    case Opcode::send_program:
    case Opcode::send:
    case Opcode::pass:
      return {operand_a};
    case Opcode::copy:
    case Opcode::parameters:
      return {operand_a, operand_b};
    case Opcode::receive:
      return {operand_d};
    case Opcode::receive_weights:
    case Opcode::receive_program:
      return {operand_b};
    default:
      return {};
  }
}

bool uses_operands(const FaultSite& site) { return !operands_of(site.instruction).empty(); }
std::function<bool(const FaultSite&)> is(std::vector<Opcode> opcodes) {
  return [=](const FaultSite& site) {
    return std::find(opcodes.begin(), opcodes.end(), site.instruction.opcode) != opcodes.end();
  };
}
bool is_parameter(const Instruction& instruction, std::size_t operand) {
  return (instruction.parameter_mask & (isa::parameter_a << operand)) != 0;
}

bool shift(Instruction& instruction, std::size_t operand, std::mt19937& random) {
  constexpr int steps[] = {-1, 1, -2, 2, -16, 16, 64, 1024};
  if (is_parameter(instruction, operand)) return false;
  instruction.operand[operand] =
      static_cast<std::uint16_t>(instruction.operand[operand] + steps[random() % std::size(steps)]);
  return true;
}

// The operand's place in a buffer that wraps, a little off.
FaultKind shifted(std::string name, std::vector<Opcode> opcodes, std::size_t operand) {
  return changed_instruction(
      std::move(name), is(std::move(opcodes)), [=](Instruction& instruction, std::mt19937& random) {
        constexpr int steps[] = {-1, 1, -2, 2, 3, 5};
        if (is_parameter(instruction, operand)) return false;
        instruction.operand[operand] =
            static_cast<std::uint16_t>(instruction.operand[operand] + steps[random() % std::size(steps)]);
        return true;
      });
}

FaultKind destination(std::string name, std::size_t which) {
  return changed_instruction(std::move(name), is({Opcode::send, Opcode::send_weights, Opcode::send_program}),
                             [=](Instruction& instruction, std::mt19937& random) {
                               if ((instruction.parameter_mask & (isa::parameter_immediate0 << which)) != 0)
                                 return false;
                               instruction.immediate[which] ^= 1U << random() % 5;
                               return true;
                             });
}

FaultKind multiply_mode(std::string name, std::function<void(Instruction&, isa::MultiplyMode&, std::mt19937&)> change) {
  return changed_instruction(std::move(name), is({Opcode::multiply}),
                             [=](Instruction& instruction, std::mt19937& random) {
                               if ((instruction.parameter_mask & isa::parameter_immediate0) != 0) return false;
                               isa::MultiplyMode mode = isa::decode_multiply_mode(instruction.immediate[0]);
                               change(instruction, mode, random);
                               instruction.immediate[0] = isa::encode(mode);
                               return true;
                             });
}

}  // namespace

std::vector<FaultKind> faults_of_operands() {
  std::vector<FaultKind> kinds;
  kinds.push_back(
      changed_instruction("address shifted", uses_operands, [](Instruction& instruction, std::mt19937& random) {
        const auto operands = operands_of(instruction);
        return shift(instruction, operands[random() % operands.size()], random);
      }));
  kinds.push_back(
      changed_instruction("operands of one instruction swapped",
                          is({Opcode::copy, Opcode::vector, Opcode::multiply, Opcode::constants, Opcode::parameters}),
                          [](Instruction& instruction, std::mt19937& random) {
                            const auto operands = operands_of(instruction);
                            const std::size_t i = random() % operands.size(), j = (i + 1) % operands.size();
                            if (is_parameter(instruction, operands[i]) || is_parameter(instruction, operands[j]))
                              return false;
                            std::swap(instruction.operand[operands[i]], instruction.operand[operands[j]]);
                            return true;
                          }));
  kinds.push_back(
      {"addresses of two instructions swapped",
       [](program::Program& program, const FaultSites& sites, std::mt19937& random) -> std::optional<std::string> {
         const FaultSite* one = sites.any(random, [](const FaultSite& site) { return uses_operands(site); });
         if (one == nullptr) return std::nullopt;
         const std::size_t operand = operands_of(one->instruction)[0];
         const FaultSite* other = sites.any(random, [&](const FaultSite& site) {
           return site.holder == one->holder && site.index == one->index &&
                  site.instruction.opcode == one->instruction.opcode &&
                  site.instruction.operand[operand] != one->instruction.operand[operand] &&
                  is_parameter(site.instruction, operand) == is_parameter(one->instruction, operand);
         });
         if (other == nullptr) return std::nullopt;
         Instruction first = one->instruction, second = other->instruction;
         std::swap(first.operand[operand], second.operand[operand]);
         overwrite(program, *one, first);
         overwrite(program, *other, second);
         return described(program, *one) + " and " + described(program, *other);
       }});
  kinds.push_back(changed_instruction(
      "stride changed", [](const FaultSite& site) { return !site.instruction.loops.empty() && uses_operands(site); },
      [](Instruction& instruction, std::mt19937& random) {
        auto& loop = instruction.loops[random() % instruction.loops.size()];
        const auto operands = operands_of(instruction);
        const std::size_t operand = operands[random() % operands.size()];
        if ((loop.parameter_mask & (4 << operand)) != 0) return false;
        constexpr int steps[] = {-1, 1, 2, -4, 32};
        loop.stride[operand] = static_cast<std::int16_t>(loop.stride[operand] + steps[random() % std::size(steps)]);
        return true;
      }));
  kinds.push_back(
      changed_instruction("tensor tag changed", uses_operands, [](Instruction& instruction, std::mt19937& random) {
        // Registers and sums have no tag.
        std::vector<std::size_t> tagged;
        for (const std::size_t operand : operands_of(instruction))
          if (instruction.tensor[operand] != 0) tagged.push_back(operand);
        if (tagged.empty()) return false;
        auto& tag = instruction.tensor[tagged[random() % tagged.size()]];
        tag = static_cast<std::uint16_t>(random() % 3 == 0 ? 0 : tag + (random() % 2 == 0 ? 1 : -1));
        return true;
      }));
  kinds.push_back(destination("columns of a multicast changed", 0));
  kinds.push_back(destination("rows of a multicast changed", 1));
  kinds.push_back(changed_instruction(
      "send to the edge instead, or not", is({Opcode::send}), [](Instruction& instruction, std::mt19937&) {
        instruction.flags ^= isa::send_west_edge;
        if ((instruction.flags & isa::send_west_edge) != 0)
          instruction.immediate = {0, 0};
        else
          instruction.immediate = {1, 1};
        return (instruction.parameter_mask & (isa::parameter_immediate0 | isa::parameter_immediate1)) == 0;
      }));
  kinds.push_back(
      multiply_mode("release missing", [](Instruction& instruction, isa::MultiplyMode& mode, std::mt19937&) {
        instruction.flags &= static_cast<std::uint8_t>(~isa::multiply_release);
        mode.release_mask = 0;
      }));
  kinds.push_back(
      multiply_mode("initialize missing", [](Instruction& instruction, isa::MultiplyMode& mode, std::mt19937&) {
        instruction.flags &= static_cast<std::uint8_t>(~isa::multiply_initialize);
        mode.initialize_mask = 0;
      }));
  kinds.push_back(multiply_mode("initialize or release at another trip",
                                [](Instruction& instruction, isa::MultiplyMode& mode, std::mt19937& random) {
                                  const auto bit = static_cast<std::uint8_t>(
                                      1U << random() % std::max<std::size_t>(1, instruction.loops.size()));
                                  if (random() % 2 == 0) {
                                    mode.initialize_mask ^= bit;
                                    instruction.flags |= isa::multiply_initialize;
                                  } else {
                                    mode.release_mask ^= bit;
                                    instruction.flags |= isa::multiply_release;
                                  }
                                }));
  kinds.push_back(multiply_mode("activations' sign", [](Instruction&, isa::MultiplyMode& mode, std::mt19937&) {
    mode.activation_signed = !mode.activation_signed;
  }));
  kinds.push_back(shifted("weight block wrong", {Opcode::multiply, Opcode::receive_weights}, isa::operand_b));
  kinds.push_back(shifted("partial sum of a product wrong", {Opcode::multiply}, isa::operand_c));
  kinds.push_back(shifted("partial sum of a vector or pass wrong", {Opcode::vector, Opcode::pass}, isa::operand_a));
  kinds.push_back(shifted("constant register wrong", {Opcode::vector, Opcode::constants}, isa::operand_c));
  kinds.push_back(changed_instruction(
      "vector mode wrong", is({Opcode::vector}), [](Instruction& instruction, std::mt19937& random) {
        isa::VectorMode mode = isa::decode_vector_mode(instruction.immediate[0]);
        const auto bit = static_cast<std::uint8_t>(1U << random() % std::max<std::size_t>(1, instruction.loops.size()));
        switch (random() % 3) {
          case 0:
            mode.function_register = static_cast<std::uint8_t>(mode.function_register + 1 + random() % 8);
            break;
          case 1:
            mode.first_mask ^= bit;
            break;
          case 2:
            mode.last_mask ^= bit;
            break;
        }
        instruction.immediate[0] = isa::encode(mode);
        return true;
      }));
  kinds.push_back(changed_instruction("direction or sum of a pass wrong", is({Opcode::pass}),
                                      [](Instruction& instruction, std::mt19937& random) {
                                        isa::PassMode mode = isa::decode_pass_mode(instruction.immediate[0]);
                                        switch (random() % 3) {
                                          case 0:
                                            mode.in = static_cast<isa::Direction>(random() % 5);
                                            break;
                                          case 1:
                                            mode.out = static_cast<isa::Direction>(random() % 5);
                                            break;
                                          case 2:
                                            mode.local = !mode.local;
                                            break;
                                        }
                                        instruction.immediate[0] = isa::encode(mode);
                                        return true;
                                      }));
  kinds.push_back(changed_instruction("lanes changed", is({Opcode::send_weights, Opcode::receive_weights}),
                                      [](Instruction& instruction, std::mt19937& random) {
                                        isa::LaneRange range = isa::decode_lane_range(instruction.flags);
                                        if (random() % 2 == 0)
                                          range.first = static_cast<std::uint8_t>((range.first + 1 + random() % 3) % 4);
                                        else
                                          range.count = static_cast<std::uint8_t>(1U << random() % 3);
                                        instruction.flags = isa::encode(range);
                                        return true;
                                      }));
  kinds.push_back(changed_instruction(
      "skew changed", is({Opcode::receive_weights}), [](Instruction& instruction, std::mt19937& random) {
        if ((instruction.parameter_mask & isa::parameter_immediate1) != 0) return false;
        const int lane = static_cast<int>(random() % isa::decode_lane_range(instruction.flags).count) * 8;
        const auto skew = static_cast<std::uint8_t>((instruction.immediate[1] >> lane) + (random() % 2 == 0 ? 1 : -1));
        instruction.immediate[1] = (instruction.immediate[1] & ~(0xffU << lane)) | static_cast<std::uint32_t>(skew)
                                                                                       << lane;
        return true;
      }));
  kinds.push_back(
      changed_instruction("another operation", uses_operands, [](Instruction& instruction, std::mt19937& random) {
        constexpr Opcode opcodes[] = {
            Opcode::multiply,     Opcode::vector, Opcode::constants,       Opcode::send_weights,
            Opcode::send_program, Opcode::copy,   Opcode::parameters,      Opcode::send,
            Opcode::receive,      Opcode::pass,   Opcode::receive_weights, Opcode::receive_program};
        instruction.opcode = opcodes[random() % std::size(opcodes)];
        return true;
      }));
  kinds.push_back(changed_instruction(
      "another parameter register", [](const FaultSite& site) { return site.instruction.parameter_mask != 0; },
      [](Instruction& instruction, std::mt19937& random) {
        const bool more = random() % 2 == 0;
        if ((instruction.parameter_mask & isa::parameter_delay) != 0 && random() % 2 == 0) {
          instruction.delay += more ? 1U : ~0U;
          return true;
        }
        for (std::size_t operand = 0; operand < 4; ++operand)
          if (is_parameter(instruction, operand)) {
            instruction.operand[operand] = static_cast<std::uint16_t>(instruction.operand[operand] + (more ? 1 : -1));
            return true;
          }
        for (std::size_t i = 0; i < 2; ++i)
          if ((instruction.parameter_mask & (isa::parameter_immediate0 << i)) != 0) {
            instruction.immediate[i] += more ? 1U : ~0U;
            return true;
          }
        return false;
      }));
  kinds.push_back(changed_instruction(
      "a field becomes a parameter, or not", [](const FaultSite&) { return true; },
      [](Instruction& instruction, std::mt19937& random) {
        instruction.parameter_mask ^= static_cast<std::uint8_t>(1U << random() % 7);
        return true;
      }));
  return kinds;
}

}  // namespace northpole::tests
