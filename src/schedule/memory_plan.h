// Who lies where in the cores' memories.
//
// The last bank of a core holds what stays: weights, programs, parameters; only the memory thread reads it. The bank
// before it holds gathered inputs of the layer that runs: the receive thread writes it, the VMM or the vector unit
// reads it. The others hold tensors from their layer until their last reader; lane constants stay at the top of these.
// So no two threads meet in a bank.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "chip/chip_description.h"
#include "program/program.h"

namespace northpole::schedule {

class MemoryPlan {
 public:
  // The chip has at least three banks.
  explicit MemoryPlan(const chip::ChipDescription& chip);

  std::uint32_t static_bank() const { return chip_.banks - 1; }
  std::uint32_t gather_bank() const { return chip_.banks - 2; }
  std::uint32_t bank_of(std::uint32_t address) const { return address / chip_.bank_words; }

  // Words that stay, in one core: from the bottom of the static bank up, from the top of any other down. Gives the
  // address.
  std::uint32_t place(std::uint32_t core, std::uint32_t bank, std::uint16_t tag, std::vector<isa::Word> words);
  // The same without contents yet; fill() brings them.
  std::uint32_t reserve(std::uint32_t core, std::uint32_t bank, std::uint16_t tag, std::uint32_t words);
  void fill(std::uint32_t core, std::uint32_t address, std::vector<isa::Word> words);
  std::uint32_t static_words(std::uint32_t core) const { return bottom_[core]; }

  // Words at one address in every core, in use from layer `first` to layer `last`. Gives the address.
  // Throws Error naming the layer and the lacking words when the bank is full.
  std::uint32_t lend(std::uint32_t bank, std::uint32_t words, std::int32_t first, std::int32_t last,
                     const std::string& layer);
  // Free words at those layers, in one piece.
  std::uint32_t largest_gap(std::uint32_t bank, std::int32_t first, std::int32_t last) const;

  // Throws Error with the sums when something that stays met something that was lent, or the static bank ran over.
  void check(const std::string& network) const;
  std::vector<program::ImageSection> image() const { return sections_; }

 private:
  struct Loan {
    std::uint32_t start, words;
    std::int32_t first, last;
  };
  chip::ChipDescription chip_;
  std::vector<std::uint32_t> bottom_;            // static bank, by core
  std::vector<std::vector<std::uint32_t>> top_;  // other banks: words taken from the top, by bank and core
  std::vector<std::vector<Loan>> loans_;         // by bank, in order of start
  std::vector<program::ImageSection> sections_;
};

}  // namespace northpole::schedule
