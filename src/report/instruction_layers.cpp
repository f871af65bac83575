#include "report/instruction_layers.h"

#include <algorithm>
#include <bit>
#include <optional>

#include "report/events.h"

namespace northpole::report {
namespace {

using isa::Opcode;
constexpr std::uint32_t unknown = ~std::uint32_t{0};

// The events of an instruction with every loop left out that does not move the operand: enough to see which values it
// takes, and when for the first time.
template <typename Visit>
void for_each_value(const PlacedInstruction& placed, isa::Operand operand, const Visit& visit) {
  isa::Instruction reduced = placed.instruction;
  std::erase_if(reduced.loops, [&](const isa::Loop& loop) { return loop.stride[operand] == 0; });
  for_each_event(reduced, placed.start, [&](std::uint64_t cycle, const std::array<std::uint16_t, 4>& operands) {
    visit(cycle, operands[operand]);
  });
}

bool is_of_sum(const isa::Instruction& instruction) {
  return instruction.opcode == Opcode::vector && instruction.tensor[isa::operand_a] == 0;
}

// Who uses the entries of a ring (partial sums, weight words), and when, in the order of time.
class Users {
 public:
  explicit Users(std::size_t entries) : entries_(entries) {}
  void add(std::size_t entry, std::uint64_t cycle, std::uint32_t name) {
    entries_[entry % entries_.size()].push_back({cycle, name});
  }
  // After the last add(), when they were not in the order of time.
  void sort() {
    for (auto& users : entries_) std::sort(users.begin(), users.end());
  }
  // The first one from that cycle on.
  std::optional<std::uint32_t> after(std::size_t entry, std::uint64_t cycle) const {
    const auto& users = entries_[entry % entries_.size()];
    const auto found = std::lower_bound(users.begin(), users.end(), cycle,
                                        [](const auto& user, std::uint64_t value) { return user.first < value; });
    if (found == users.end()) return std::nullopt;
    return found->second;
  }
  // The last one before that cycle.
  std::optional<std::uint32_t> before(std::size_t entry, std::uint64_t cycle) const {
    const auto& users = entries_[entry % entries_.size()];
    const auto found = std::lower_bound(users.begin(), users.end(), cycle,
                                        [](const auto& user, std::uint64_t value) { return user.first < value; });
    if (found == users.begin()) return std::nullopt;
    return std::prev(found)->second;
  }

 private:
  std::vector<std::vector<std::pair<std::uint64_t, std::uint32_t>>> entries_;
};

}  // namespace

InstructionLayers::InstructionLayers(const RunInstructions& run)
    : program_(run.program()), readers_(program_.tensors.size()), receiving_(program_.chip.cores()) {
  std::vector<const program::LayerCycles*> layers;
  for (const program::LayerCycles& layer : program_.layers) layers.push_back(&layer);
  std::stable_sort(layers.begin(), layers.end(),
                   [](const auto* left, const auto* right) { return left->last_issue < right->last_issue; });
  for (const program::LayerCycles* layer : layers) name_index(layer->layer);
  layers_ = names_.size();
  programs_ = name_index("programs");
  for (const program::TensorName& tensor : program_.tensors)
    of_tensor_.push_back(name_index(tensor.layer.empty() ? tensor.name : tensor.layer));
  for (std::uint32_t core = 0; core < program_.chip.cores(); ++core) learn_from(core, run.of_core(core));
  for (std::uint32_t core = 0; core < program_.chip.cores(); ++core)
    for (Span& span : receiving_[core]) span.name = reader_of(static_cast<std::uint16_t>(span.name), span.last);
}

std::uint32_t InstructionLayers::name_index(const std::string& name) {
  const auto [place, is_new] = index_.emplace(name, static_cast<std::uint32_t>(names_.size()));
  if (is_new) names_.push_back(name);
  return place->second;
}

// Notes when which layer multiplies and reads which tensor; a received word's tensor for now.
void InstructionLayers::learn_from(std::uint32_t core, const CoreInstructions& instructions) {
  Users sums(program_.chip.partial_sums);
  const auto known = [&](std::uint16_t tensor) { return tensor < of_tensor_.size(); };
  const auto read = [&](std::uint16_t tensor, std::uint64_t cycle, std::uint32_t name) {
    if (tensor == 0 || !known(tensor)) return;
    auto& readers = readers_[tensor];
    const auto after = readers.upper_bound(cycle);
    if (after != readers.begin() && std::prev(after)->second == name) return;
    readers[cycle] = name;
  };
  for (const PlacedInstruction& placed : instructions[static_cast<std::size_t>(isa::Thread::vector)]) {
    const isa::Instruction& instruction = placed.instruction;
    if (instruction.opcode != Opcode::vector || !known(instruction.tensor[isa::operand_d])) continue;
    const std::uint32_t name = of_tensor_[instruction.tensor[isa::operand_d]];
    if (is_of_sum(instruction))
      for_each_value(placed, isa::operand_a,
                     [&](std::uint64_t cycle, std::uint16_t sum) { sums.add(sum, cycle, name); });
    else
      read(instruction.tensor[isa::operand_a], placed.start, name);
    read(instruction.tensor[isa::operand_b], placed.start, name);
  }
  // A sum that goes to a neighbour comes to the vector unit there; cores whose vector unit takes it tell the layer.
  for (const PlacedInstruction& placed : instructions[static_cast<std::size_t>(isa::Thread::partial_sums)]) {
    if (isa::decode_pass_mode(placed.instruction.immediate[0]).out == isa::Direction::none) continue;
    for_each_value(placed, isa::operand_a,
                   [&](std::uint64_t cycle, std::uint16_t sum) { sums.add(sum, cycle, unknown); });
  }
  sums.sort();
  for (const PlacedInstruction& placed : instructions[static_cast<std::size_t>(isa::Thread::vmm)]) {
    const auto name = sums.after(placed.instruction.operand[isa::operand_c], placed.start);
    if (!name || *name == unknown) continue;
    const auto after = multiplying_.upper_bound(placed.start);
    if (after == multiplying_.begin() || std::prev(after)->second != *name) multiplying_[placed.start] = *name;
    read(placed.instruction.tensor[isa::operand_a], placed.start, *name);
  }
  for (const PlacedInstruction& placed : instructions[static_cast<std::size_t>(isa::Thread::receive)])
    receiving_[core].push_back({placed.start, placed.last, placed.instruction.tensor[isa::operand_d]});
}

std::uint32_t InstructionLayers::multiplying_at(std::uint64_t cycle) const {
  const auto after = multiplying_.upper_bound(cycle);
  if (after == multiplying_.begin()) return after == multiplying_.end() ? unknown : after->second;
  return std::prev(after)->second;
}

// The layer that reads the tensor next: what arrives in a cycle is for it.
std::uint32_t InstructionLayers::reader_of(std::uint16_t tensor, std::uint64_t cycle) const {
  if (tensor >= of_tensor_.size()) return programs_;
  const auto& readers = readers_[tensor];
  const auto after = readers.lower_bound(cycle);
  if (after != readers.end()) return after->second;
  return readers.empty() ? of_tensor_[tensor] : readers.rbegin()->second;
}

std::uint32_t InstructionLayers::received_at(std::uint32_t core, std::uint64_t cycle, std::uint16_t tensor) const {
  const auto& spans = receiving_[core];
  auto after = std::upper_bound(spans.begin(), spans.end(), cycle,
                                [](std::uint64_t value, const Span& span) { return value < span.start; });
  if (after != spans.begin() && (--after)->last >= cycle) return after->name;
  return tensor < of_tensor_.size() ? of_tensor_[tensor] : programs_;
}

std::uint32_t InstructionLayers::of_send(bool edge, std::uint32_t row, std::uint32_t column,
                                         const PlacedInstruction& placed) const {
  const isa::Instruction& instruction = placed.instruction;
  const std::uint16_t tensor = instruction.tensor[isa::operand_a];
  const std::uint32_t columns = instruction.immediate[0], rows = instruction.immediate[1];
  if (columns == 0 || rows == 0)
    return tensor < of_tensor_.size() ? of_tensor_[tensor] : programs_;  // to the west edge
  const auto x = static_cast<std::uint32_t>(std::countr_zero(columns)),
             y = static_cast<std::uint32_t>(std::countr_zero(rows));
  if (x >= program_.chip.columns || y >= program_.chip.rows) return programs_;
  const auto distance = [](std::uint32_t a, std::uint32_t b) { return a > b ? a - b : b - a; };
  const std::uint32_t hops = (edge ? x + 1 : distance(x, column)) + distance(y, row);
  return received_at(y * program_.chip.columns + x, placed.start + program_.chip.word_link_cycles + hops, tensor);
}

InstructionLayers::OfCore InstructionLayers::of_core(std::uint32_t core, const CoreInstructions& instructions) const {
  OfCore result;
  const auto of = [](isa::Thread thread) { return static_cast<std::size_t>(thread); };
  const auto named = [&](std::uint16_t tensor) { return tensor < of_tensor_.size() ? of_tensor_[tensor] : programs_; };
  Users weights(std::size_t{program_.chip.weight_blocks} * chip::block_words);
  for (const PlacedInstruction& placed : instructions[of(isa::Thread::vmm)]) {
    const std::uint32_t name = multiplying_at(placed.start);
    result[of(isa::Thread::vmm)].push_back(name == unknown ? programs_ : name);
    const isa::MultiplyMode mode = isa::decode_multiply_mode(placed.instruction.immediate[0]);
    const std::uint32_t words =
        mode.activation_bits == 0 ? 32U : std::max(1U, 32U * mode.weight_bits / mode.activation_bits);
    for_each_value(placed, isa::operand_b, [&](std::uint64_t cycle, std::uint16_t block) {
      for (std::uint32_t j = 0; j < words; ++j)
        weights.add(std::size_t{block} * words + j, cycle, result[of(isa::Thread::vmm)].back());
    });
  }
  for (const PlacedInstruction& placed : instructions[of(isa::Thread::vector)])
    result[of(isa::Thread::vector)].push_back(named(
        placed.instruction.tensor[placed.instruction.opcode == Opcode::vector ? isa::operand_d : isa::operand_a]));
  for (const PlacedInstruction& placed : instructions[of(isa::Thread::memory)]) {
    const isa::Instruction& instruction = placed.instruction;
    const bool loads_programs = instruction.opcode == Opcode::send_program || instruction.opcode == Opcode::parameters;
    if (loads_programs)
      result[of(isa::Thread::memory)].push_back(programs_);
    else if (instruction.opcode == Opcode::copy)
      result[of(isa::Thread::memory)].push_back(reader_of(instruction.tensor[isa::operand_b], placed.last));
    else
      result[of(isa::Thread::memory)].push_back(named(instruction.tensor[isa::operand_a]));
  }
  for (const PlacedInstruction& placed : instructions[of(isa::Thread::send)])
    result[of(isa::Thread::send)].push_back(
        of_send(false, core / program_.chip.columns, core % program_.chip.columns, placed));
  for (const Span& span : receiving_[core]) result[of(isa::Thread::receive)].push_back(span.name);
  Users sums(program_.chip.partial_sums);
  if (!instructions[of(isa::Thread::partial_sums)].empty()) {
    for (std::size_t i = 0; i < instructions[of(isa::Thread::vmm)].size(); ++i)
      for_each_value(
          instructions[of(isa::Thread::vmm)][i], isa::operand_c,
          [&](std::uint64_t cycle, std::uint16_t sum) { sums.add(sum, cycle, result[of(isa::Thread::vmm)][i]); });
  }
  for (const PlacedInstruction& placed : instructions[of(isa::Thread::partial_sums)])
    result[of(isa::Thread::partial_sums)].push_back(
        sums.before(placed.instruction.operand[isa::operand_a], placed.start).value_or(programs_));
  for (const PlacedInstruction& placed : instructions[of(isa::Thread::weights)])
    result[of(isa::Thread::weights)].push_back(
        weights.after(placed.instruction.operand[isa::operand_b], placed.start).value_or(programs_));
  result[of(isa::Thread::programs)].assign(instructions[of(isa::Thread::programs)].size(), programs_);
  return result;
}

InstructionLayers::OfEdge InstructionLayers::of_edge(std::uint32_t row, const EdgeInstructions& instructions) const {
  OfEdge result;
  for (const PlacedInstruction& placed : instructions.send) result.send.push_back(of_send(true, row, 0, placed));
  for (const PlacedInstruction& placed : instructions.receive) {
    const std::uint16_t tensor = placed.instruction.tensor[isa::operand_d];
    result.receive.push_back(tensor < of_tensor_.size() ? of_tensor_[tensor] : programs_);
  }
  return result;
}

}  // namespace northpole::report
