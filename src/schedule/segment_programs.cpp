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

// What must be equal for cores to share a section: all that no parameter can replace.
std::vector<std::uint32_t> form_of(const Section& section) {
  std::vector<std::uint32_t> form;
  for (const Instruction& instruction : section) {
    form.insert(form.end(), {static_cast<std::uint32_t>(instruction.opcode), instruction.flags,
                             static_cast<std::uint32_t>(instruction.loops.size())});
    form.insert(form.end(), instruction.tensor.begin(), instruction.tensor.end());
    const bool mode = instruction.opcode == isa::Opcode::multiply || instruction.opcode == isa::Opcode::vector ||
                      instruction.opcode == isa::Opcode::pass;
    if (mode) form.push_back(instruction.immediate[0]);
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

std::vector<std::uint32_t> field_values(const Section& section) {
  std::vector<std::uint32_t> values;
  for (Instruction instruction : section)
    visit_fields(instruction, [&](auto& value, std::uint8_t&, std::uint8_t) {
      values.push_back(static_cast<std::uint32_t>(value));
    });
  return values;
}

std::vector<isa::Word> encoded(const Section& section) {
  std::vector<isa::Word> words;
  for (const Instruction& instruction : section) isa::append_encoded(instruction, words);
  return words;
}

// A section that several cores share, before its parameters have their final numbers.
struct SharedSection {
  Section section;
  std::vector<std::int64_t> parameter_of;           // by field: number within the section, or -1
  std::vector<std::vector<std::uint32_t>> columns;  // by parameter: a value for each core
  std::vector<std::uint32_t> cores;
};

// `cores` as one shared section, or as several where they would need more parameters than `limit`.
void share(const std::vector<std::uint32_t>& cores, const std::vector<Sections>& sections, std::size_t thread,
           std::size_t limit, std::vector<SharedSection>& result) {
  SharedSection shared;
  shared.section = sections[cores[0]][thread];
  shared.cores = cores;
  std::vector<std::vector<std::uint32_t>> values;
  values.reserve(cores.size());
  for (const std::uint32_t core : cores) values.push_back(field_values(sections[core][thread]));
  const std::size_t fields = values[0].size();
  shared.parameter_of.assign(fields, -1);
  std::map<std::vector<std::uint32_t>, std::int64_t> known;  // equal columns are one parameter
  for (std::size_t f = 0; f < fields; ++f) {
    bool equal = true;
    for (std::size_t i = 1; i < cores.size() && equal; ++i) equal = values[i][f] == values[0][f];
    if (equal) continue;
    std::vector<std::uint32_t> column;
    column.reserve(cores.size());
    for (const auto& of_core : values) column.push_back(of_core[f]);
    const auto [found, fresh] = known.try_emplace(column, static_cast<std::int64_t>(shared.columns.size()));
    if (fresh) shared.columns.push_back(std::move(column));
    shared.parameter_of[f] = found->second;
    if (shared.columns.size() > limit) {
      const auto half = static_cast<std::ptrdiff_t>(cores.size() / 2);
      share({cores.begin(), cores.begin() + half}, sections, thread, limit, result);
      share({cores.begin() + half, cores.end()}, sections, thread, limit, result);
      return;
    }
  }
  result.push_back(std::move(shared));
}

// Writes parameter numbers, counted from `base`, into the fields that take them.
void name_parameters(SharedSection& shared, std::size_t base) {
  std::size_t f = 0;
  for (Instruction& instruction : shared.section)
    visit_fields(instruction, [&](auto& value, std::uint8_t& mask, std::uint8_t bit) {
      if (shared.parameter_of[f] >= 0) {
        value = static_cast<std::remove_reference_t<decltype(value)>>(static_cast<std::size_t>(shared.parameter_of[f]) +
                                                                      base);
        mask |= bit;
      }
      ++f;
    });
}

// Shares of the parameter registers, in sixteenths: transfers differ most between cores. Threads that need few come
// first, so that a core with a plain program loads few words.
constexpr std::array<std::pair<Thread, std::size_t>, isa::thread_count> parameter_shares = {{{Thread::vmm, 1},
                                                                                             {Thread::vector, 1},
                                                                                             {Thread::partial_sums, 1},
                                                                                             {Thread::weights, 1},
                                                                                             {Thread::programs, 2},
                                                                                             {Thread::memory, 2},
                                                                                             {Thread::send, 4},
                                                                                             {Thread::receive, 4}}};

std::vector<Sections> all_sections(const SegmentPlan& segment, isa::Opcode last) {
  std::vector<Sections> sections;
  sections.reserve(segment.cores.size());
  for (const CorePlan& core : segment.cores) sections.push_back(sections_of(core, last, segment.end));
  return sections;
}

}  // namespace

SegmentPrograms programs_of(const SegmentPlan& segment, isa::Opcode last, const chip::ChipDescription& chip) {
  const auto sections = all_sections(segment, last);
  SegmentPrograms result;
  result.parameters.resize(segment.cores.size());
  std::array<std::uint16_t, isa::thread_count> start{};
  std::size_t next = 1, parameter_base = 0;
  for (const auto& [which, sixteenths] : parameter_shares) {
    const auto thread = static_cast<std::size_t>(which);
    std::map<std::vector<std::uint32_t>, std::vector<std::uint32_t>> forms;
    for (std::uint32_t core = 0; core < sections.size(); ++core) forms[form_of(sections[core][thread])].push_back(core);
    std::vector<SharedSection> shared;
    for (const auto& [form, cores] : forms) share(cores, sections, thread, chip.parameters * sixteenths / 16, shared);
    start[thread] = static_cast<std::uint16_t>(next);
    std::size_t longest = 0, most = 0;
    for (SharedSection& section : shared) {
      name_parameters(section, parameter_base);
      most = std::max(most, section.columns.size());
      for (std::size_t i = 0; i < section.cores.size(); ++i) {
        auto& parameters = result.parameters[section.cores[i]];
        if (section.columns.empty()) continue;
        parameters.resize(parameter_base);
        for (const auto& column : section.columns) parameters.push_back(column[i]);
      }
      result.shared.push_back({static_cast<std::uint32_t>(next), encoded(section.section), std::move(section.cores)});
      longest = std::max(longest, result.shared.back().words.size());
    }
    next += longest;
    parameter_base += most;
  }
  if (next > chip.program_words)
    throw Error(
        fmt::format("layer '{}' does not fit: its program with the loading of the next one takes {} words, {} "
                    "more than the program buffer holds",
                    segment.layer, next, next - chip.program_words));
  std::vector<std::uint32_t> everyone(segment.cores.size());
  std::iota(everyone.begin(), everyone.end(), 0);
  result.shared.push_back({0, {isa::encode_directory(start)}, std::move(everyone)});
  return result;
}

std::vector<isa::Word> private_program(const SegmentPlan& segment, std::uint32_t core, isa::Opcode last) {
  const Sections sections = sections_of(segment.cores[core], last, segment.end);
  std::vector<isa::Word> words(1);
  std::array<std::uint16_t, isa::thread_count> start{};
  for (std::size_t thread = 0; thread < isa::thread_count; ++thread) {
    start[thread] = static_cast<std::uint16_t>(words.size());
    for (const Instruction& instruction : sections[thread]) isa::append_encoded(instruction, words);
  }
  words[0] = isa::encode_directory(start);
  return words;
}

std::size_t program_length(const SegmentPlan& segment) {
  std::size_t length = 1;
  for (std::size_t thread = 0; thread < isa::thread_count; ++thread) {
    std::size_t longest = 0;
    for (const CorePlan& core : segment.cores)
      longest = std::max(longest, words_of(joined(core.threads[thread], thread)));
    length += longest + 1;
  }
  return length;
}

}  // namespace northpole::schedule
