#include "schedule/section_sharing.h"

#include <map>

#include "network/error.h"

namespace northpole::schedule {

using isa::Instruction;

namespace {

// Visits every field that a parameter may replace, with the mask in which that is said and its bit there.
template <typename AnyInstruction, typename Visit>
void visit_fields(AnyInstruction& instruction, Visit visit) {
  visit(instruction.delay, instruction.parameter_mask, isa::parameter_delay);
  for (std::size_t i = 0; i < 4; ++i)
    visit(instruction.operand[i], instruction.parameter_mask, static_cast<std::uint8_t>(isa::parameter_a << i));
  visit(instruction.immediate[0], instruction.parameter_mask, isa::parameter_immediate0);
  visit(instruction.immediate[1], instruction.parameter_mask, isa::parameter_immediate1);
  for (auto& loop : instruction.loops) {
    visit(loop.count, loop.parameter_mask, 1);
    visit(loop.interval, loop.parameter_mask, 2);
    for (std::size_t i = 0; i < 4; ++i) visit(loop.stride[i], loop.parameter_mask, static_cast<std::uint8_t>(4U << i));
  }
}

bool has_mode(const Instruction& instruction) {
  return instruction.opcode == isa::Opcode::multiply || instruction.opcode == isa::Opcode::vector ||
         instruction.opcode == isa::Opcode::pass;
}

// Equal in all that no parameter can replace. Modes stay as they are, too: masks depend on the form of the loops.
bool same_form(const Section& a, const Section& b) {
  if (a.size() != b.size()) return false;
  for (std::size_t i = 0; i < a.size(); ++i)
    if (a[i].opcode != b[i].opcode || a[i].flags != b[i].flags || a[i].tensor != b[i].tensor ||
        a[i].loops.size() != b[i].loops.size() || (has_mode(a[i]) && a[i].immediate[0] != b[i].immediate[0]))
      return false;
  return true;
}

void append_fields(const Section& section, std::vector<std::uint32_t>& values) {
  for (const Instruction& instruction : section)
    visit_fields(instruction, [&](const auto& value, const std::uint8_t&, std::uint8_t) {
      values.push_back(static_cast<std::uint32_t>(value));
    });
}

}  // namespace

Section section_of(const std::vector<TimedInstruction>& instructions, std::uint64_t from, isa::Opcode last,
                   std::uint64_t until) {
  Section section;
  section.reserve(instructions.size() + 1);
  std::uint64_t free = from;
  const auto append = [&](Instruction instruction, std::uint64_t start) {
    if (start < free) throw Error("internal: two instructions of one thread overlap");
    if (start - free > 0xffffffffU) throw Error("the network does not fit: a thread idles for more than 2^32 cycles");
    instruction.delay = static_cast<std::uint32_t>(start - free);
    free = start + span(instruction) + 1;
    section.push_back(std::move(instruction));
  };
  for (const TimedInstruction& timed : instructions) append(timed.instruction, timed.start);
  Instruction closing;
  closing.opcode = last;
  append(std::move(closing), until);
  return section;
}

std::size_t words_of(const Section& section) {
  std::size_t words = 0;
  for (const Instruction& instruction : section) words += isa::encoded_words(instruction);
  return words;
}

void append_words(const Section& section, std::vector<isa::Word>& words) {
  for (const Instruction& instruction : section) isa::append_encoded(instruction, words);
}

std::optional<SharedSection> shared(const std::vector<const Section*>& sections, std::size_t first_parameter,
                                    std::size_t limit) {
  for (const Section* section : sections)
    if (!same_form(*sections[0], *section)) return std::nullopt;
  std::vector<std::vector<std::uint32_t>> values(sections.size());
  for (std::size_t i = 0; i < sections.size(); ++i) append_fields(*sections[i], values[i]);
  SharedSection result;
  std::map<std::vector<std::uint32_t>, std::size_t> known;  // equal columns are one parameter
  std::vector<std::int64_t> parameter_of(values[0].size(), -1);
  for (std::size_t field = 0; field < values[0].size(); ++field) {
    bool equal = true;
    for (std::size_t i = 1; i < values.size() && equal; ++i) equal = values[i][field] == values[0][field];
    if (equal) continue;
    std::vector<std::uint32_t> column;
    for (const auto& of_core : values) column.push_back(of_core[field]);
    const auto [found, fresh] = known.try_emplace(column, result.columns.size());
    if (fresh) result.columns.push_back(std::move(column));
    if (result.columns.size() > limit) return std::nullopt;
    parameter_of[field] = static_cast<std::int64_t>(found->second);
  }
  result.section = *sections[0];
  std::size_t field = 0;
  for (Instruction& instruction : result.section)
    visit_fields(instruction, [&](auto& value, std::uint8_t& mask, std::uint8_t bit) {
      if (parameter_of[field] >= 0) {
        value = static_cast<std::remove_reference_t<decltype(value)>>(static_cast<std::size_t>(parameter_of[field]) +
                                                                      first_parameter);
        mask |= bit;
      }
      ++field;
    });
  return result;
}

}  // namespace northpole::schedule
