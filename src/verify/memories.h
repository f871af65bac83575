// The cores' memories and the frame buffer, as far as a proof needs them: for every word its tag and who wrote it,
// for every bank (a row's share of the frame buffer is one) the access of this cycle.
#pragma once

#include <cstdint>
#include <vector>

#include "program/program.h"
#include "verify/actor.h"
#include "verify/reporter.h"
#include "verify/verify.h"
#include "verify/zeroed_array.h"

namespace northpole::verify {

// An output of the vector unit that is narrower than its word: it writes bytes first .. end - 1. A word is there for
// readers once all of its bytes are.
struct PartOfWord {
  std::uint8_t first = 0, end = chip::word_bytes;
  bool begins = true;  // the word is new, its other bytes become unwritten; else it goes on with a word that was begun

  bool whole() const { return begins && first == 0 && end == chip::word_bytes; }
};

class Memories {
 public:
  // The image must have been checked (check_whole).
  Memories(const program::Program& program, Reporter& reporter, Counts& counts);

  bool in_range(std::uint32_t address) const { return address < core_words_; }
  bool frame_in_range(std::uint32_t address) const { return address < frame_words_; }

  // Accesses of the actor's core in this cycle; the address is in range.
  void read(std::uint64_t cycle, const Actor& actor, std::uint32_t address, std::uint16_t tensor) {
    const std::size_t bank = actor.place * std::size_t{banks_} + address / bank_words_;
    ++counts_.bank_accesses;
    claim(cycle, actor, bank, address);
    check(cycle, actor, words_[actor.place * std::size_t{core_words_} + address], address, tensor);
  }
  void write(std::uint64_t cycle, const Actor& actor, std::uint32_t address, std::uint16_t tensor) {
    const std::size_t bank = actor.place * std::size_t{banks_} + address / bank_words_;
    ++counts_.bank_accesses;
    claim(cycle, actor, bank, address);
    Word& word = words_[actor.place * std::size_t{core_words_} + address];
    if (word.state == State::image) image_overwritten(cycle, actor, address, word);
    word = {actor.instruction, tensor, State::written, 0};
  }
  void write_part(std::uint64_t cycle, const Actor& actor, std::uint32_t address, std::uint16_t tensor,
                  PartOfWord part);
  void frame_read(std::uint64_t cycle, const Actor& actor, std::uint32_t address, std::uint16_t tensor) {
    ++counts_.frame_accesses;
    claim(cycle, actor, frame_bank(actor.place), address);
    check(cycle, actor, frame_[actor.place * std::size_t{frame_words_} + address], address, tensor);
  }
  void frame_write(std::uint64_t cycle, const Actor& actor, std::uint32_t address, std::uint16_t tensor) {
    ++counts_.frame_accesses;
    claim(cycle, actor, frame_bank(actor.place), address);
    frame_[actor.place * std::size_t{frame_words_} + address] = {actor.instruction, tensor, State::written, 0};
  }
  // The content of a word of the image; nullptr for one that is none.
  const isa::Word* image_word(std::uint32_t core, std::uint32_t address) const;

  // After the run: the host reads the outputs.
  void check_outputs(std::uint64_t cycle);

 private:
  enum class State : std::uint8_t { unwritten, image, written };
  struct Word {
    InstructionNumber writer;
    std::uint16_t tensor;
    State state;
    std::uint8_t missing;  // bit i: the bytes 8 i .. 8 i + 7 are not written yet
  };
  struct Claim {
    std::uint64_t next_cycle;  // the cycle after the access; 0: none yet
    InstructionNumber instruction;
  };

  std::size_t frame_bank(std::uint32_t row) const { return cores_ * std::size_t{banks_} + row; }
  void claim(std::uint64_t cycle, const Actor& actor, std::size_t bank, std::uint32_t address) {
    Claim& last = claims_[bank];
    if (last.next_cycle == cycle + 1) bank_conflict(cycle, actor, address, last.instruction);
    last = {cycle + 1, actor.instruction};
  }
  void check(std::uint64_t cycle, const Actor& actor, const Word& word, std::uint32_t address, std::uint16_t tensor) {
    if (word.state == State::unwritten || word.missing != 0 || word.tensor != tensor)
      wrong_read(cycle, actor, word, address, tensor);
  }
  std::string resource(const Actor& actor, std::uint32_t address) const;
  [[gnu::cold, gnu::noinline]] void bank_conflict(std::uint64_t cycle, const Actor& actor, std::uint32_t address,
                                                  InstructionNumber first);
  [[gnu::cold, gnu::noinline]] void wrong_read(std::uint64_t cycle, const Actor& actor, const Word& word,
                                               std::uint32_t address, std::uint16_t tensor);
  [[gnu::cold, gnu::noinline]] void image_overwritten(std::uint64_t cycle, const Actor& actor, std::uint32_t address,
                                                      const Word& word);

  const program::Program& program_;
  Reporter& reporter_;
  Counts& counts_;
  std::uint32_t cores_, banks_, bank_words_, core_words_, frame_words_;
  ZeroedArray<Word> words_;
  ZeroedArray<Word> frame_;
  ZeroedArray<Claim> claims_;
  std::vector<std::vector<const program::ImageSection*>> sections_;  // by core, in the order of addresses
};

}  // namespace northpole::verify
