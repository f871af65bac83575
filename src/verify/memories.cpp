#include "verify/memories.h"

#include <fmt/format.h>

#include <algorithm>

#include "program/frame_place.h"

namespace northpole::verify {

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
                                                                               State::image};
    }
  }
  for (auto& sections : sections_) {
    std::sort(sections.begin(), sections.end(),
              [](const auto* left, const auto* right) { return left->address < right->address; });
  }
  const program::FrameLayout& input = program.input;
  const std::uint64_t words = std::uint64_t{input.blocks} * input.height * input.width;
  for (std::uint64_t i = 0; i < words; ++i) {
    const program::FramePlace place = program::frame_place(input, program.chip.rows, i);
    frame_[place.row * std::size_t{frame_words_} + place.address] = {no_instruction, input.tag, State::written};
  }
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
    const std::uint64_t words = std::uint64_t{output.blocks} * output.height * output.width;
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
  reporter_.report(FaultKind::wrong_tensor, cycle, actor, resource(actor, address),
                   fmt::format("holds {}, not {}", reporter_.tensor_name(word.tensor), reporter_.tensor_name(tensor)),
                   word.writer);
}

void Memories::image_overwritten(std::uint64_t cycle, const Actor& actor, std::uint32_t address, const Word& word) {
  reporter_.report(FaultKind::image_overwritten, cycle, actor, resource(actor, address),
                   fmt::format("a word of {} in the memory image", reporter_.tensor_name(word.tensor)));
}

}  // namespace northpole::verify
