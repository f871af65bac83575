// What the cores hold: memories, partial sums and constant registers, with the state of each word that
// the rules of docs/instruction-set.md ask about. Plain data; the simulator's events say what may be done with it.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include "chip/chip_description.h"
#include "isa/vector_function.h"
#include "machine/step/zeroed_array.h"

namespace northpole::machine::step {

// A memory word's state: which of its four quarters (of 8 bytes) are written, its tag, and whether it is the image's.
// Narrow outputs of the vector unit write a word a quarter or two at a time.
using WordState = std::uint32_t;
using Quarters = std::uint8_t;  // bit q: quarter q, the bytes 8 q .. 8 q + 7
inline constexpr Quarters all_quarters = 0xf;
inline constexpr std::uint32_t quarter_bytes = 8;
inline constexpr WordState unwritten = 0, written = 0xf0000, image_bit = 0x100000, of_image = image_bit | written;
inline constexpr WordState written_quarters(Quarters quarters) { return WordState{quarters} << 16; }
inline constexpr bool all_written(WordState state) { return (state & written) == written; }

// The memories of several units (cores, or edge units' frame buffers), of equal size, in banks.
class Memories {
 public:
  Memories(std::uint32_t units, std::uint32_t banks, std::uint32_t bank_words)
      : banks_(banks),
        unit_words_(banks * bank_words),
        bank_factor_((std::uint64_t{1} << 32) / bank_words + 1),
        words_(std::size_t{units} * unit_words_),
        states_(std::size_t{units} * unit_words_),
        bank_used_(std::size_t{units} * banks) {}

  std::uint32_t unit_words() const { return unit_words_; }
  // address / bank_words, exact for addresses below 2^16.
  std::uint32_t bank(std::uint32_t address) const { return static_cast<std::uint32_t>((address * bank_factor_) >> 32); }
  isa::Word& word(std::uint32_t unit, std::uint32_t address) {
    return words_[std::size_t{unit} * unit_words_ + address];
  }
  WordState& state(std::uint32_t unit, std::uint32_t address) {
    return states_[std::size_t{unit} * unit_words_ + address];
  }
  // False when the bank was used in this cycle already.
  bool use_bank(std::uint32_t unit, std::uint32_t bank, std::uint64_t cycle) {
    std::uint64_t& used = bank_used_[unit * banks_ + bank];
    if (used == cycle + 1) return false;
    used = cycle + 1;
    return true;
  }
  // Nothing written, no bank used; the words themselves stay.
  void forget() {
    std::memset(states_.data(), 0, states_.size() * sizeof(WordState));
    std::fill(bank_used_.begin(), bank_used_.end(), 0);
  }

 private:
  std::uint32_t banks_, unit_words_;
  std::uint64_t bank_factor_;
  ZeroedArray<isa::Word> words_;
  ZeroedArray<WordState> states_;
  std::vector<std::uint64_t> bank_used_;  // cycle + 1
};

using SumVector = std::array<std::int32_t, chip::lanes>;

class PartialSums {
 public:
  PartialSums(std::uint32_t cores, std::uint32_t sums)
      : count_(sums), sums_(std::size_t{cores} * sums), ready_(std::size_t{cores} * sums), pass_wrote_(cores) {}

  std::size_t index(std::uint32_t core, std::uint16_t sum) const { return std::size_t{core} * count_ + sum % count_; }
  SumVector& sum(std::size_t index) { return sums_[index]; }
  bool in_use(std::size_t index) const { return ready_[index] != 0; }
  // Whether others than the VMM may use it.
  bool ready(std::size_t index, std::uint64_t cycle) const { return ready_[index] <= cycle + 1; }
  void set_in_use(std::size_t index, std::uint64_t ready_cycle) { ready_[index] = ready_cycle + 1; }
  void release(std::size_t index) { ready_[index] = 0; }
  // `pass` wrote the sum in this cycle.
  void note_pass(std::uint32_t core, std::size_t index, std::uint64_t cycle) { pass_wrote_[core] = {cycle + 1, index}; }
  bool pass_wrote(std::uint32_t core, std::size_t index, std::uint64_t cycle) const {
    return pass_wrote_[core].first == cycle + 1 && pass_wrote_[core].second == index;
  }
  void forget() {
    std::fill(ready_.begin(), ready_.end(), 0);
    std::fill(pass_wrote_.begin(), pass_wrote_.end(), std::pair<std::uint64_t, std::size_t>{});
  }
  std::optional<std::size_t> left_behind() const {
    for (std::size_t i = 0; i < ready_.size(); ++i) {
      if (ready_[i]) return i;
    }
    return std::nullopt;
  }

 private:
  std::uint32_t count_;
  ZeroedArray<SumVector> sums_;
  std::vector<std::uint64_t> ready_;  // 0: empty; else first cycle in which others may use it, plus 1
  std::vector<std::pair<std::uint64_t, std::size_t>> pass_wrote_;
};

// The vector unit's registers of one core.
struct ConstantRegisters {
  struct Decoded {
    bool valid = false;
    isa::VectorFunction function;
  };
  std::vector<isa::Word> words;
  std::vector<std::uint8_t> loaded;
  std::vector<std::uint8_t> from_image;
  std::vector<Decoded> functions;                   // of the register and the next one, once decoded
  std::array<std::int32_t, chip::lanes> largest{};  // of the reduction under way

  explicit ConstantRegisters(std::uint32_t count) : words(count), loaded(count), from_image(count), functions(count) {}
  void load(std::uint32_t index, const isa::Word& word, bool image) {
    words[index] = word;
    loaded[index] = 1;
    from_image[index] = image;
    functions[index].valid = false;
    if (index > 0) functions[index - 1].valid = false;
  }
  void forget() {
    std::fill(loaded.begin(), loaded.end(), std::uint8_t{0});
    for (Decoded& decoded : functions) decoded.valid = false;
  }
};

}  // namespace northpole::machine::step
