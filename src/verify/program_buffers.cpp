#include "verify/program_buffers.h"

#include <fmt/format.h>

#include <algorithm>

#include "isa/bytes.h"

namespace northpole::verify {
namespace {

constexpr std::size_t most_known_sections = 16384;

bool closes(const isa::Word& word) {
  return word[0] == static_cast<std::uint8_t>(isa::Opcode::end) ||
         word[0] == static_cast<std::uint8_t>(isa::Opcode::switch_program);
}
bool is_loop(const isa::Word& word) { return word[0] == static_cast<std::uint8_t>(isa::Opcode::loop); }

}  // namespace

ProgramBuffers::ProgramBuffers(const program::Program& program, Reporter& reporter, Counts& counts)
    : program_(program), reporter_(reporter), counts_(counts), cores_(program.chip.cores()) {
  for (const program::Boot& boot : program.boot) {
    Half& half = cores_[boot.core][0];
    half.words = boot.program;
    half.present.assign(half.words.size(), true);
    half.parameters = boot.parameters;
    half.loaded.assign((half.parameters.size() + group_size - 1) / group_size, true);
    half.parameters.resize(half.loaded.size() * group_size, 0);
    half.threads = isa::thread_count;
  }
}

std::shared_ptr<const Section> ProgramBuffers::section(std::uint32_t core, unsigned half, isa::Thread thread,
                                                       Problem& problem) {
  const Half& own = cores_[core][half];
  const auto there = [&](std::size_t index) { return index < own.present.size() && own.present[index]; };
  if (!there(0)) {
    problem = {FaultKind::unwritten, fmt::format("program buffer half {}", half), "there is no program"};
    return nullptr;
  }
  const std::size_t start = isa::decode_directory(own.words[0])[static_cast<std::size_t>(thread)];
  if (start == 0) {
    problem = {FaultKind::unwritten, fmt::format("program buffer half {}", half),
               "its directory has no section for the thread"};
    return nullptr;
  }
  if (start >= program_.chip.program_words) {
    problem = {FaultKind::address, fmt::format("program buffer half {}", half),
               fmt::format("a section at word {}", start)};
    return nullptr;
  }
  // Every word is an operation or a loop word, so the section ends with the first `end` or `switch_program`.
  std::size_t stop = start;
  bool closed = false;
  while (there(stop) && (!closed || is_loop(own.words[stop]))) closed |= closes(own.words[stop++]);
  auto result = decoded(own.words.data() + start, stop - start, thread, start, false, problem);
  if (!result || closed) return result;
  if (stop >= program_.chip.program_words) {
    problem = {FaultKind::no_end, fmt::format("program buffer half {}", half),
               fmt::format("the section at word {} runs out without end or switch_program", start)};
  } else {
    problem = {FaultKind::unwritten, fmt::format("program buffer half {} word {}", half, stop),
               fmt::format("the section at word {} is not all there", start)};
  }
  return nullptr;
}

std::shared_ptr<const Section> ProgramBuffers::edge_section(const std::vector<isa::Word>& words, isa::Thread thread,
                                                            Problem& problem) {
  const auto last = std::find_if(words.begin(), words.end(), closes);
  std::size_t stop = static_cast<std::size_t>(last - words.begin());
  const bool closed = last != words.end();
  if (closed) ++stop;
  while (closed && stop < words.size() && is_loop(words[stop])) ++stop;
  auto result = decoded(words.data(), stop, thread, 0, true, problem);
  if (!result || closed) return result;
  problem = {FaultKind::no_end, "instructions of the edge unit", "they run out without end"};
  return nullptr;
}

std::shared_ptr<const Section> ProgramBuffers::decoded(const isa::Word* words, std::size_t count, isa::Thread thread,
                                                       std::size_t first_index, bool edge, Problem& problem) {
  std::string key(1, static_cast<char>(static_cast<int>(thread) + (edge ? 64 : 0)));
  key.append(reinterpret_cast<const char*>(words), count * sizeof(isa::Word));
  const auto known = known_.find(key);
  if (known != known_.end()) return known->second;

  auto section = std::make_shared<Section>();
  for (std::size_t index = 0; index < count;) {
    const std::size_t at = index;
    const std::string resource = fmt::format("instruction word {}", first_index + at);
    std::string reason;
    auto instruction = isa::decode(words, count, index, reason);
    if (!instruction) {
      problem = {FaultKind::malformed, resource, reason};
      return nullptr;
    }
    const isa::Opcode opcode = instruction->opcode;
    const bool any_thread = opcode == isa::Opcode::end || (opcode == isa::Opcode::switch_program && !edge);
    if (!any_thread && isa::thread_of(opcode) != thread) {
      problem = {FaultKind::malformed, resource,
                 fmt::format("{} is no operation of the {} thread{}", isa::name(opcode), isa::name(thread),
                             edge ? " of an edge unit" : "")};
      return nullptr;
    }
    if (edge && (instruction->parameter_mask != 0 || instruction->flags != 0 ||
                 std::any_of(instruction->loops.begin(), instruction->loops.end(),
                             [](const isa::Loop& loop) { return loop.parameter_mask != 0; }))) {
      problem = {FaultKind::malformed, resource, "an edge unit has neither parameters nor flags"};
      return nullptr;
    }
    section->instructions.push_back(std::move(*instruction));
  }
  if (known_.size() >= most_known_sections) known_.clear();
  known_.emplace(std::move(key), section);
  return section;
}

void ProgramBuffers::check_left(std::uint64_t cycle, const Actor& actor, const Half& half, const char* what) {
  if (half.threads == 0) return;
  reporter_.report(
      FaultKind::overwritten, cycle, actor, what,
      fmt::format("{} thread{} still in the half that is written", half.threads, half.threads == 1 ? " is" : "s are"));
}

void ProgramBuffers::write_word(std::uint64_t cycle, const Actor& actor, unsigned half, std::uint32_t index,
                                const isa::Word& word) {
  Half& own = cores_[actor.place][half];
  check_left(cycle, actor, own, "program buffer");
  if (index >= own.words.size()) {
    own.words.resize(index + 1);
    own.present.resize(index + 1);
  }
  if (own.present[index] && own.threads == 0) {
    reporter_.report(FaultKind::overwritten, cycle, actor, fmt::format("program buffer half {} word {}", half, index),
                     "an instruction word is there already");
  }
  own.words[index] = word;
  own.present[index] = true;
  ++counts_.program_words;
}

void ProgramBuffers::write_parameters(std::uint64_t cycle, const Actor& actor, unsigned half, std::uint32_t group,
                                      const isa::Word& word) {
  Half& own = cores_[actor.place][half];
  check_left(cycle, actor, own, "parameters");
  if (group >= own.loaded.size()) {
    own.loaded.resize(group + 1);
    own.parameters.resize((group + 1) * group_size);
  }
  if (own.loaded[group] && own.threads == 0) {
    reporter_.report(FaultKind::overwritten, cycle, actor,
                     fmt::format("parameters {} to {}", group * group_size, group * group_size + 7),
                     "they are loaded already");
  }
  for (std::uint32_t i = 0; i < group_size; ++i) own.parameters[group * group_size + i] = isa::get32(word, 4 * i);
  own.loaded[group] = true;
  counts_.parameters += group_size;
}

void ProgramBuffers::empty_if_left(std::uint32_t core, unsigned half) {
  Half& own = cores_[core][half];
  if (own.threads != 0) return;
  std::fill(own.present.begin(), own.present.end(), false);
  std::fill(own.loaded.begin(), own.loaded.end(), false);
}

void ProgramBuffers::report_left_behind(std::uint64_t end_cycle) const {
  for (const program::Boot& boot : program_.boot) {
    const Half& half = cores_[boot.core][0];
    const auto report = [&](const std::string& resource, const char* message) {
      reporter_.report_state(FaultKind::left_behind, end_cycle, false, boot.core, resource, message);
    };
    const std::size_t words = std::max(boot.program.size(), half.present.size());
    for (std::size_t i = 0; i < words; ++i) {
      const bool present = i < half.present.size() && half.present[i];
      if (present == (i < boot.program.size()) && (!present || half.words[i] == boot.program[i])) continue;
      report(fmt::format("program buffer half 0 word {}", i), "not what configure put there");
      return;
    }
    const std::size_t boot_groups = (boot.parameters.size() + group_size - 1) / group_size;
    for (std::size_t group = 0; group < std::max(boot_groups, half.loaded.size()); ++group) {
      const bool loaded = group < half.loaded.size() && half.loaded[group];
      bool equal = loaded == (group < boot_groups);
      for (std::size_t i = group * group_size; equal && loaded && i < (group + 1) * group_size; ++i) {
        equal = half.parameters[i] == (i < boot.parameters.size() ? boot.parameters[i] : 0);
      }
      if (equal) continue;
      report(fmt::format("parameters {} to {} of half 0", group * group_size, group * group_size + 7),
             "not what configure put there");
      return;
    }
  }
}

}  // namespace northpole::verify
