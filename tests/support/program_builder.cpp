#include "support/program_builder.h"

#include <algorithm>
#include <stdexcept>
#include <string>
#include <utility>

namespace northpole::tests {
namespace {

using isa::Instruction;
using isa::Thread;
using isa::Word;

constexpr std::size_t reserved_words = 128;
constexpr std::size_t parameters_of_word = 8;

std::vector<Word> encoded_section(const std::vector<Instruction>& instructions) {
  std::vector<Word> words;
  for (const Instruction& instruction : instructions) append_encoded(instruction, words);
  return words;
}

// A directory and the threads' sections behind it; equal sections are stored once.
std::vector<Word> assemble(const std::array<std::vector<Instruction>, isa::thread_count>& sections) {
  std::vector<Word> words(1);
  std::array<std::uint16_t, isa::thread_count> start{};
  // The section that most threads share comes last: it is the last one to arrive.
  std::vector<std::pair<std::vector<Word>, std::vector<std::size_t>>> users;
  for (std::size_t thread = isa::thread_count; thread-- > 0;) {
    const auto section = encoded_section(sections[thread]);
    const auto found =
        std::find_if(users.begin(), users.end(), [&](const auto& user) { return user.first == section; });
    if (found == users.end()) {
      users.push_back({section, {thread}});
    } else {
      found->second.push_back(thread);
    }
  }
  std::stable_sort(users.begin(), users.end(),
                   [](const auto& left, const auto& right) { return left.second.size() < right.second.size(); });
  for (const auto& [section, threads] : users) {
    for (const std::size_t thread : threads) start[thread] = static_cast<std::uint16_t>(words.size());
    words.insert(words.end(), section.begin(), section.end());
  }
  words[0] = isa::encode_directory(start);
  return words;
}

Word parameter_word(const std::vector<std::uint32_t>& values, std::size_t first) {
  Word word{};
  for (std::size_t i = 0; i < parameters_of_word && first + i < values.size(); ++i) {
    for (std::size_t byte = 0; byte < 4; ++byte) {
      word[4 * i + byte] = static_cast<std::uint8_t>(values[first + i] >> (8 * byte));
    }
  }
  return word;
}

// A picture of one column, whose 32 channels fill a word.
program::FrameLayout frame(const char* tensor, std::uint16_t tag, std::uint32_t base, std::uint32_t words) {
  program::FrameLayout layout;
  layout.tensor = tensor;
  layout.tag = tag;
  layout.base = base;
  layout.blocks = 1, layout.height = words, layout.width = 1;
  for (std::int32_t lane = 0; lane < static_cast<std::int32_t>(chip::lanes); ++lane) layout.channel.push_back(lane);
  layout.offset_y.assign(chip::lanes, 0);
  layout.offset_x.assign(chip::lanes, 0);
  layout.shape = {1, chip::lanes, words, 1};
  layout.channels = chip::lanes, layout.tensor_height = words, layout.tensor_width = 1;
  return layout;
}

std::uint16_t count_of(std::size_t words) { return static_cast<std::uint16_t>(words); }

}  // namespace

chip::ChipDescription small_chip(std::uint32_t rows, std::uint32_t columns) {
  chip::ChipDescription chip;
  chip.rows = rows;
  chip.columns = columns;
  chip.bank_words = 256;
  chip.weight_blocks = 4;
  chip.partial_sums = 8;
  chip.program_words = 64;
  chip.parameters = 32;
  chip.constant_words = 32;
  chip.frame_words_per_row = 64;
  return chip;
}

std::uint64_t duration(const Instruction& instruction) {
  std::uint64_t cycles = 0;
  for (const isa::Loop& loop : instruction.loops) {
    if (loop.count > 1) cycles += std::uint64_t{loop.count - 1u} * loop.interval;
  }
  return cycles;
}

ProgramBuilder::ProgramBuilder(const chip::ChipDescription& chip)
    : chip_(chip), cores_(chip.cores()), edge_send_(chip.rows), edge_receive_(chip.rows) {}

std::size_t ProgramBuilder::at(std::uint64_t start, std::uint32_t core, Instruction instruction) {
  const auto thread = isa::thread_of(instruction.opcode);
  if (!thread) throw std::logic_error("at(): an operation of no thread");
  auto& list = cores_.at(core).boot[static_cast<std::size_t>(*thread)];
  list.push_back({start, std::move(instruction)});
  return list.size() - 1;
}

void ProgramBuilder::edge_send(std::uint64_t start, std::uint32_t row, Instruction instruction) {
  edge_send_.at(row).push_back({start, std::move(instruction)});
}

void ProgramBuilder::edge_receive(std::uint64_t start, std::uint32_t row, Instruction instruction) {
  edge_receive_.at(row).push_back({start, std::move(instruction)});
}

void ProgramBuilder::image(std::uint32_t core, std::uint16_t address, std::uint16_t tensor, std::size_t count) {
  std::vector<Word> words(count);
  for (std::size_t i = 0; i < count; ++i) {
    for (std::size_t byte = 0; byte < words[i].size(); ++byte) {
      words[i][byte] = static_cast<std::uint8_t>(core * 89 + (address + i) * 37 + byte * 11);
    }
  }
  image(core, address, tensor, std::move(words));
}

void ProgramBuilder::image(std::uint32_t core, std::uint16_t address, std::uint16_t tensor, std::vector<Word> words) {
  image_.push_back({core, address, tensor, std::move(words)});
}

std::uint16_t ProgramBuilder::reserved_address() const {
  return static_cast<std::uint16_t>(chip_.memory_words() - reserved_words);
}

void ProgramBuilder::boot_parameters(std::uint32_t core, std::vector<std::uint32_t> values) {
  cores_.at(core).parameters = std::move(values);
}

void ProgramBuilder::second(std::uint32_t core, Thread thread, Instruction instruction) {
  cores_.at(core).second[static_cast<std::size_t>(thread)].push_back(std::move(instruction));
}

void ProgramBuilder::move_switch(std::uint32_t core, Thread thread, int cycles) {
  cores_.at(core).switch_moved[static_cast<std::size_t>(thread)] = cycles;
}

void ProgramBuilder::input_frame(std::uint16_t tag, std::uint32_t base, std::uint32_t words) {
  input_ = frame("input", tag, base, words);
}

void ProgramBuilder::output_frame(std::uint16_t tag, std::uint32_t base, std::uint32_t words) {
  outputs_.push_back(frame("output", tag, base, words));
}

std::uint16_t ProgramBuilder::boot_address(std::size_t second_words) const {
  return static_cast<std::uint16_t>(reserved_address() + second_words);
}

// Memory thread: boot program, then parameters; programs thread: the boot program.
std::vector<Word> ProgramBuilder::second_program(std::uint32_t core, std::size_t boot_words) const {
  const Core& own = cores_[core];
  auto sections = own.second;
  auto& memory = sections[static_cast<std::size_t>(Thread::memory)];
  auto& programs = sections[static_cast<std::size_t>(Thread::programs)];
  const std::uint32_t column = core % chip_.columns, row = core / chip_.columns;
  const std::size_t groups = (own.parameters.size() + parameters_of_word - 1) / parameters_of_word;
  const std::uint32_t link = chip_.word_link_cycles;
  // The boot program lies in the image from the middle of the reserved words on.
  const std::uint16_t base = boot_address(reserved_words / 2);
  if (reload_program_) {
    memory.push_back(repeat(count_of(boot_words), link, {1, 0, 0, 0},
                            send_program({base, program_tensor}, 1u << column, 1u << row)));
    auto take = repeat(count_of(boot_words), link, {0, 1, 0, 0}, receive_program(0));
    take.delay = link;
    programs.push_back(take);
  }
  if (reload_parameters_ && groups != 0) {
    const auto first = static_cast<std::uint16_t>(base + boot_words);
    memory.push_back(repeat(count_of(groups), 1, {1, 1, 0, 0}, parameters({first, program_tensor}, 0)));
  }
  for (auto& section : sections) section.push_back(end());
  return assemble(sections);
}

std::vector<Word> ProgramBuilder::boot_program(std::uint32_t core, std::size_t second_words) const {
  const Core& own = cores_[core];
  Threads threads = own.boot;
  const std::uint32_t column = core % chip_.columns, row = core / chip_.columns;
  threads[static_cast<std::size_t>(Thread::memory)].push_back(
      {load_cycle_, repeat(count_of(second_words), chip_.word_link_cycles, {1, 0, 0, 0},
                           send_program({reserved_address(), program_tensor}, 1u << column, 1u << row))});
  threads[static_cast<std::size_t>(Thread::programs)].push_back(
      {load_cycle_ + chip_.word_link_cycles,
       repeat(count_of(second_words), chip_.word_link_cycles, {0, 1, 0, 0}, receive_program(0))});
  std::array<std::vector<Instruction>, isa::thread_count> sections;
  for (std::size_t thread = 0; thread < isa::thread_count; ++thread) {
    threads[thread].push_back({switch_cycle_ + static_cast<std::uint64_t>(own.switch_moved[thread]), switch_program()});
    std::uint64_t next = 0;  // first cycle in which the thread is free
    for (auto& [start, instruction] : threads[thread]) {
      if (start < next) throw std::logic_error("an instruction starts before the one before it is through");
      instruction.delay = static_cast<std::uint32_t>(start - next);
      next = start + duration(instruction) + 1;
      sections[thread].push_back(instruction);
    }
  }
  return assemble(sections);
}

program::Program ProgramBuilder::build() {
  const auto edge_words = [](const std::vector<Timed>& list) {
    std::vector<Instruction> section;
    std::uint64_t next = 0;
    for (const auto& [start, instruction] : list) {
      section.push_back(instruction);
      section.back().delay = static_cast<std::uint32_t>(start - next);
      next = start + duration(instruction) + 1;
    }
    section.push_back(end());
    return encoded_section(section);
  };
  if (load_cycle_ == 0) {
    for (const Core& core : cores_) {
      for (const auto& thread : core.boot) {
        for (const auto& [start, instruction] : thread) {
          load_cycle_ = std::max(load_cycle_, start + duration(instruction) + 16);
        }
      }
    }
    load_cycle_ = std::max<std::uint64_t>(load_cycle_, 16);
  }
  // The second program's length depends on the boot program's only by a loop count.
  std::size_t longest = 0;
  for (std::uint32_t core = 0; core < cores_.size(); ++core)
    longest = std::max(longest, second_program(core, 1).size());
  switch_cycle_ = load_cycle_ + longest * chip_.word_link_cycles + 1;

  program::Program program;
  program.chip = chip_;
  program.image = image_;
  std::size_t last = 0;
  for (std::uint32_t core = 0; core < cores_.size(); ++core) {
    const auto boot = boot_program(core, longest);
    auto second = second_program(core, boot.size());
    const auto& parameters = cores_[core].parameters;
    if (second.size() > reserved_words / 2 || boot.size() + parameters.size() > reserved_words / 2) {
      throw std::logic_error("programs too long for the reserved words");
    }
    second.resize(longest, encoded_section({end()}).front());
    second.resize(reserved_words / 2);
    second.insert(second.end(), boot.begin(), boot.end());
    for (std::size_t i = 0; i < parameters.size(); i += parameters_of_word) {
      second.push_back(parameter_word(parameters, i));
    }
    last = std::max(last, boot.size() + parameters.size());
    program.image.push_back({core, reserved_address(), program_tensor, std::move(second)});
    program.boot.push_back({core, boot, parameters});
  }
  for (std::uint32_t row = 0; row < chip_.rows; ++row) {
    program.edges.push_back({edge_words(edge_send_[row]), edge_words(edge_receive_[row])});
  }
  program.tensors = {{"nothing", ""}, {"image", "test"}, {"programs", "test"}};
  while (program.tensors.size() < 16) {
    program.tensors.push_back({"tensor " + std::to_string(program.tensors.size()), "test"});
  }
  program.segments.resize(2);
  program.segments[0].layer = "boot program";
  program.segments[1].layer = "second program";
  program.input = input_;
  program.outputs = outputs_;
  program.cycles = switch_cycle_ + last * chip_.word_link_cycles + 64;
  program.network = "hand made";
  return program;
}

}  // namespace northpole::tests
