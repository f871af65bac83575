#include "schedule/segment_programs.h"

#include <fmt/format.h>

#include <map>
#include <numeric>

#include "network/error.h"

namespace northpole::schedule {

namespace {

using isa::Instruction;

using Section = std::vector<Instruction>;
using Sections = std::array<Section, isa::thread_count>;

// Streams of transfers stay apart: cores that take part in as many of them then share a program and differ in
// parameters, where joined streams would give nearly every core a program of its own.
std::vector<TimedInstruction> joined(const std::vector<TimedInstruction>& instructions, std::size_t thread) {
  const bool transfers =
      thread == static_cast<std::size_t>(Thread::send) || thread == static_cast<std::size_t>(Thread::receive);
  return transfers ? instructions : rolled(instructions);
}

// Instructions with their delays, closed by `last` in cycle `end`.
Sections sections_of(const CorePlan& core, isa::Opcode last, std::uint64_t end) {
  Sections sections;
  for (std::size_t thread = 0; thread < isa::thread_count; ++thread) {
    std::uint64_t before = 0;  // cycle of the event before
    const auto append = [&](const TimedInstruction& timed) {
      Instruction instruction = timed.instruction;
      if (timed.start <= before && !(before == 0 && timed.start == 0))
        throw Error("internal: two instructions of one thread overlap");
      instruction.delay = static_cast<std::uint32_t>(timed.start - before - 1);
      before = timed.last();
      sections[thread].push_back(std::move(instruction));
    };
    for (const TimedInstruction& timed : joined(core.threads[thread], thread)) append(timed);
    TimedInstruction closing{end, {}};
    closing.instruction.opcode = last;
    append(closing);
  }
  return sections;
}

// What must be equal for cores to share a program: all that no parameter can replace.
std::vector<std::uint32_t> form_of(const Sections& sections) {
  std::vector<std::uint32_t> form;
  for (const Section& section : sections) {
    form.push_back(static_cast<std::uint32_t>(section.size()));
    for (const Instruction& instruction : section) {
      form.insert(form.end(), {static_cast<std::uint32_t>(instruction.opcode), instruction.flags,
                               static_cast<std::uint32_t>(instruction.loops.size())});
      form.insert(form.end(), instruction.tensor.begin(), instruction.tensor.end());
      const bool mode = instruction.opcode == isa::Opcode::multiply || instruction.opcode == isa::Opcode::vector ||
                        instruction.opcode == isa::Opcode::pass;
      if (mode) form.push_back(instruction.immediate[0]);
    }
  }
  return form;
}

// Visits every field that a parameter may replace, with its value, the mask it is named in and its bit.
template <typename Visit>
void visit_fields(Instruction& instruction, Visit visit) {
  const auto field = [&](auto& value, std::uint8_t& mask, std::uint8_t bit) { visit(value, mask, bit); };
  field(instruction.delay, instruction.parameter_mask, isa::parameter_delay);
  for (std::size_t i = 0; i < 4; ++i)
    field(instruction.operand[i], instruction.parameter_mask, static_cast<std::uint8_t>(isa::parameter_a << i));
  field(instruction.immediate[0], instruction.parameter_mask, isa::parameter_immediate0);
  field(instruction.immediate[1], instruction.parameter_mask, isa::parameter_immediate1);
  for (isa::Loop& loop : instruction.loops) {
    field(loop.count, loop.parameter_mask, 1);
    field(loop.interval, loop.parameter_mask, 2);
    for (std::size_t i = 0; i < 4; ++i) field(loop.stride[i], loop.parameter_mask, static_cast<std::uint8_t>(4 << i));
  }
}

std::vector<std::uint32_t> field_values(const Sections& sections) {
  std::vector<std::uint32_t> values;
  for (const Section& section : sections)
    for (Instruction instruction : section)
      visit_fields(instruction, [&](auto& value, std::uint8_t&, std::uint8_t) {
        values.push_back(static_cast<std::uint32_t>(value));
      });
  return values;
}

std::vector<isa::Word> encoded(const Sections& sections) {
  std::vector<isa::Word> words(1);
  std::array<std::uint16_t, isa::thread_count> start{};
  for (std::size_t thread = 0; thread < isa::thread_count; ++thread) {
    start[thread] = static_cast<std::uint16_t>(words.size());
    for (const Instruction& instruction : sections[thread]) isa::append_encoded(instruction, words);
  }
  words[0] = isa::encode_directory(start);
  return words;
}

// Cores [first, last) of `cores` as one program, or as two when they would need too many parameters.
void share(const std::vector<std::uint32_t>& cores, const std::vector<Sections>& sections, std::size_t limit,
           SegmentPrograms& result) {
  std::vector<std::vector<std::uint32_t>> values;
  values.reserve(cores.size());
  for (const std::uint32_t core : cores) values.push_back(field_values(sections[core]));
  const std::size_t fields = values[0].size();
  std::map<std::vector<std::uint32_t>, std::uint32_t> parameters;  // column of values by core -> index
  std::vector<std::int64_t> parameter_of(fields, -1);
  std::vector<std::vector<std::uint32_t>> columns;
  for (std::size_t f = 0; f < fields; ++f) {
    bool equal = true;
    for (std::size_t i = 1; i < cores.size() && equal; ++i) equal = values[i][f] == values[0][f];
    if (equal) continue;
    std::vector<std::uint32_t> column;
    column.reserve(cores.size());
    for (const auto& of_core : values) column.push_back(of_core[f]);
    const auto [found, fresh] = parameters.try_emplace(column, static_cast<std::uint32_t>(columns.size()));
    if (fresh) columns.push_back(std::move(column));
    parameter_of[f] = found->second;
    if (columns.size() > limit) {
      const auto half = static_cast<std::ptrdiff_t>(cores.size() / 2);
      share({cores.begin(), cores.begin() + half}, sections, limit, result);
      share({cores.begin() + half, cores.end()}, sections, limit, result);
      return;
    }
  }
  Sections common = sections[cores[0]];
  std::size_t f = 0;
  for (Section& section : common)
    for (Instruction& instruction : section)
      visit_fields(instruction, [&](auto& value, std::uint8_t& mask, std::uint8_t bit) {
        if (parameter_of[f] >= 0) {
          value = static_cast<std::remove_reference_t<decltype(value)>>(parameter_of[f]);
          mask |= bit;
        }
        ++f;
      });
  result.programs.push_back({encoded(common), cores});
  for (std::size_t i = 0; i < cores.size(); ++i)
    for (const auto& column : columns) result.parameters[cores[i]].push_back(column[i]);
}

}  // namespace

SegmentPrograms programs_of(const SegmentPlan& segment, isa::Opcode last, const chip::ChipDescription& chip,
                            bool sharing) {
  std::vector<Sections> sections;
  sections.reserve(segment.cores.size());
  std::map<std::vector<std::uint32_t>, std::vector<std::uint32_t>> groups;
  for (std::uint32_t core = 0; core < segment.cores.size(); ++core) {
    sections.push_back(sections_of(segment.cores[core], last, segment.end));
    auto form = sharing ? form_of(sections.back()) : std::vector<std::uint32_t>{core};
    groups[std::move(form)].push_back(core);
  }
  SegmentPrograms result;
  result.parameters.resize(segment.cores.size());
  for (const auto& [form, cores] : groups) share(cores, sections, chip.parameters, result);
  for (const SharedProgram& program : result.programs)
    if (program.words.size() > chip.program_words)
      throw Error(fmt::format("layer '{}': its program of {} words is longer than the program buffer of {}",
                              segment.layer, program.words.size(), chip.program_words));
  return result;
}

std::size_t longest_program(const SegmentPlan& segment) {
  std::size_t longest = 0;
  for (const CorePlan& core : segment.cores) {
    std::size_t words = 1;
    for (std::size_t thread = 0; thread < isa::thread_count; ++thread)
      words += words_of(joined(core.threads[thread], thread)) + 1;
    longest = std::max(longest, words);
  }
  return longest;
}

}  // namespace northpole::schedule
