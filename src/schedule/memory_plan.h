// What stays in the cores' memories for the whole run: weights, programs, parameters, constants, padding.
//
// The last bank of a core, the static bank, holds programs and weights from its bottom up; only the memory thread reads
// it. What does not fit there, and the constants of the vector units, lie at the tops of the other banks, whose lower
// words are for tensors (buffers.h).
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <unordered_map>
#include <vector>

#include "chip/chip_description.h"
#include "program/program.h"

namespace northpole::schedule {

class MemoryPlan {
 public:
  // The chip has at least three banks.
  // Weights take at most `static_weights` words of a static bank, so that programs find room.
  MemoryPlan(const chip::ChipDescription& chip, std::uint32_t static_weights);
  explicit MemoryPlan(const chip::ChipDescription& chip) : MemoryPlan(chip, chip.bank_words / 2) {}

  std::uint32_t static_bank() const { return chip_.banks - 1; }

  // Words that stay, in one core: from the bottom of the static bank up, from the top of any other down. Gives the
  // address.
  std::uint32_t place(std::uint32_t core, std::uint32_t bank, std::uint16_t tag, std::vector<isa::Word> words);
  // The same without contents yet; fill() brings them.
  std::uint32_t reserve(std::uint32_t core, std::uint32_t bank, std::uint16_t tag, std::uint32_t words);
  void fill(std::uint32_t core, std::uint32_t address, std::vector<isa::Word> words);
  std::uint32_t static_words(std::uint32_t core) const { return bottom_[core]; }

  // Weights: in the static bank as long as programs still find room there, else at the top of the emptiest data bank.
  std::uint32_t reserve_weights(std::uint32_t core, std::uint16_t tag, std::uint32_t words);
  // Words that other streams put on the links of a core that becomes the `place`th keeper.
  using LinkLoad = std::function<std::uint64_t(std::uint32_t place, std::uint32_t core)>;
  // `count` different cores for `words` words of weights each that the cores `users` need: the nearest to them (they
  // themselves, if they are enough), of those the ones whose links fewest other streams take, of those the emptiest;
  // none that is much fuller than others. Of equally full ones those that come first after a start that `rotation`
  // shifts.
  std::vector<std::uint32_t> keepers(std::uint32_t count, const std::vector<bool>& users, std::uint32_t words,
                                     std::uint32_t rotation, const LinkLoad& load) const;
  // Words that stay, at one address in core `core`, core + group_cores, ... of the array: at the top of a data bank.
  std::uint32_t place_in_groups(std::uint32_t core, std::uint32_t group_cores, std::uint32_t bank, std::uint16_t tag,
                                const std::vector<isa::Word>& words);
  // Words of a data bank, from its bottom, that hold nothing that stays in any core.
  std::uint32_t free_words(std::uint32_t bank) const;
  // Words that stay, in all banks of a core.
  std::uint32_t staying_words(std::uint32_t core) const;

  // Throws Error with the sums when a bank ran over.
  void check(const std::string& network) const;
  std::vector<program::ImageSection> image() const { return sections_; }

 private:
  chip::ChipDescription chip_;
  std::uint32_t static_weights_;
  std::vector<std::uint32_t> bottom_;            // static bank, by core
  std::vector<std::vector<std::uint32_t>> top_;  // other banks: words taken from the top, by bank and core
  std::vector<program::ImageSection> sections_;
  std::unordered_map<std::uint64_t, std::size_t> section_at_;  // by core and address
};

}  // namespace northpole::schedule
