#include "verify/memories.h"

#include <fmt/format.h>

#include <algorithm>

#include "program/frame_place.h"

namespace northpole::verify {
namespace {

constexpr std::uint8_t all_missing = 0xf;

}  // namespace

Memories::Memories(const program::Program& program, Reporter& reporter, Counts& counts)
    : program_(program),
      reporter_(reporter),
      counts_(counts),
      cores_(program.chip.cores()),
      banks_(program.chip.banks),
      bank_words_(program.chip.bank_words),
      core_words_(program.chip.memory_words()),
      frame_words_(program.chip.frame_words_per_row),
      words_(std::size_t{cores_} * core_words_),
      frame_(std::size_t{program.chip.rows} * frame_words_),
      claims_(std::size_t{cores_} * banks_ + program.chip.rows),
      sections_(cores_) {
  for (const program::ImageSection& section : program.image) {
    sections_[section.core].push_back(&section);
    for (std::size_t i = 0; i < section.words.size(); ++i) {
      words_[std::size_t{section.core} * core_words_ + section.address + i] = {no_instruction, section.tensor,
                                                                               State::image, 0};
    }
  }
  for (auto& sections : sections_) {
    std::sort(sections.begin(), sections.end(),
              [](const auto* left, const auto* right) { return left->address < right->address; });
  }
  const program::FrameLayout& input = program.input;
  const std::uint64_t words = program::frame_words(input);
  for (std::uint64_t i = 0; i < words; ++i) {
    const program::FramePlace place = program::frame_place(input, program.chip.rows, i);
    frame_[place.row * std::size_t{frame_words_} + place.address] = {no_instruction, input.tag, State::written, 0};
  }
}

void Memories::write_part(std::uint64_t cycle, const Actor& actor, std::uint32_t address, std::uint16_t tensor,
                          PartOfWord part) {
  ++counts_.bank_accesses;
  claim(cycle, actor, actor.place * std::size_t{banks_} + address / bank_words_, address);
  Word& word = words_[actor.place * std::size_t{core_words_} + address];
  std::uint8_t bits = 0;
  for (unsigned byte = part.first; byte < part.end; byte += 8) bits = static_cast<std::uint8_t>(bits | 1u << byte / 8);
  if (word.state == State::image) image_overwritten(cycle, actor, address, word);
  if (part.begins) {
    word = {actor.instruction, tensor, State::written, static_cast<std::uint8_t>(all_missing & ~bits)};
    return;
  }
  if (word.state == State::unwritten) {
    reporter_.report(FaultKind::unwritten, cycle, actor, resource(actor, address),
                     fmt::format("a further part of a word of {} that was not begun", reporter_.tensor_name(tensor)));
  } else if (word.tensor != tensor) {
    reporter_.report(FaultKind::wrong_tensor, cycle, actor, resource(actor, address),
                     fmt::format("a further part of {}, but the word holds {}", reporter_.tensor_name(tensor),
                                 reporter_.tensor_name(word.tensor)),
                     word.writer);
  } else if ((bits & ~word.missing) != 0) {
    reporter_.report(FaultKind::overwritten, cycle, actor, resource(actor, address),
                     fmt::format("bytes {} to {} of the word of {} are partly written already", part.first,
                                 part.end - 1, reporter_.tensor_name(tensor)),
                     word.writer);
  }
  word.writer = actor.instruction;
  word.missing = static_cast<std::uint8_t>(word.missing & ~bits);
}

const isa::Word* Memories::image_word(std::uint32_t core, std::uint32_t address) const {
  if (words_[std::size_t{core} * core_words_ + address].state != State::image) return nullptr;
  const auto& sections = sections_[core];
  const auto after =
      std::upper_bound(sections.begin(), sections.end(), address,
                       [](std::uint32_t value, const auto* section) { return value < section->address; });
  if (after == sections.begin()) return nullptr;
  const program::ImageSection& section = **(after - 1);
  const std::uint32_t offset = address - section.address;
  return offset < section.words.size() ? &section.words[offset] : nullptr;
}

void Memories::check_outputs(std::uint64_t cycle) {
  for (const program::FrameLayout& output : program_.outputs) {
    const std::uint64_t words = program::frame_words(output);
    for (std::uint64_t i = 0; i < words; ++i) {
      const auto [row, address] = program::frame_place(output, program_.chip.rows, i);
      const Word& word = frame_[row * std::size_t{frame_words_} + address];
      const std::string resource = fmt::format("frame word {}", address);
      if (word.state == State::unwritten) {
        reporter_.report_state(
            FaultKind::unwritten, cycle, true, row, resource,
            fmt::format("a word of the output {} that nobody wrote in the run", reporter_.tensor_name(output.tag)));
        return;
      }
      if (word.tensor != output.tag) {
        reporter_.report_state(FaultKind::wrong_tensor, cycle, true, row, resource,
                               fmt::format("holds {} at the end of the run, the output is {}",
                                           reporter_.tensor_name(word.tensor), reporter_.tensor_name(output.tag)),
                               word.writer);
        return;
      }
      ++counts_.frame_accesses;
    }
  }
}

std::string Memories::resource(const Actor& actor, std::uint32_t address) const {
  return actor.edge ? fmt::format("frame word {}", address)
                    : fmt::format("bank {} word {}", address / bank_words_, address);
}

void Memories::bank_conflict(std::uint64_t cycle, const Actor& actor, std::uint32_t address, InstructionNumber first) {
  reporter_.report(FaultKind::bank_conflict, cycle, actor,
                   actor.edge ? "frame buffer" : fmt::format("bank {}", address / bank_words_),
                   "a second access in one cycle", first);
}

void Memories::wrong_read(std::uint64_t cycle, const Actor& actor, const Word& word, std::uint32_t address,
                          std::uint16_t tensor) {
  if (word.state == State::unwritten) {
    reporter_.report(FaultKind::unwritten, cycle, actor, resource(actor, address),
                     fmt::format("nobody has written {} there in this run", reporter_.tensor_name(tensor)));
    return;
  }
  if (word.missing != 0) {
    reporter_.report(FaultKind::unwritten, cycle, actor, resource(actor, address),
                     fmt::format("only some parts of the word of {} are written", reporter_.tensor_name(word.tensor)),
                     word.writer);
    return;
  }
  reporter_.report(FaultKind::wrong_tensor, cycle, actor, resource(actor, address),
                   fmt::format("holds {}, not {}", reporter_.tensor_name(word.tensor), reporter_.tensor_name(tensor)),
                   word.writer);
}

void Memories::image_overwritten(std::uint64_t cycle, const Actor& actor, std::uint32_t address, const Word& word) {
  reporter_.report(FaultKind::image_overwritten, cycle, actor, resource(actor, address),
                   fmt::format("a word of {} in the memory image", reporter_.tensor_name(word.tensor)));
}

}  // namespace northpole::verify
