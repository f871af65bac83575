#include "schedule/memory_plan.h"

#include <fmt/format.h>

#include <algorithm>

#include "network/error.h"

namespace northpole::schedule {

MemoryPlan::MemoryPlan(const chip::ChipDescription& chip)
    : chip_(chip),
      bottom_(chip.cores(), 0),
      top_(chip.banks, std::vector<std::uint32_t>(chip.cores(), 0)),
      loans_(chip.banks) {}

std::uint32_t MemoryPlan::reserve(std::uint32_t core, std::uint32_t bank, std::uint16_t tag, std::uint32_t words) {
  std::uint32_t address = bank * chip_.bank_words;
  if (bank == static_bank()) {
    address += bottom_[core];
    bottom_[core] += words;
  } else {
    top_[bank][core] += words;
    // An address below the bank is noticed by check().
    address += chip_.bank_words - std::min(top_[bank][core], chip_.bank_words);
  }
  sections_.push_back({core, address, tag, std::vector<isa::Word>(words)});
  return address;
}

std::uint32_t MemoryPlan::place(std::uint32_t core, std::uint32_t bank, std::uint16_t tag,
                                std::vector<isa::Word> words) {
  const std::uint32_t address = reserve(core, bank, tag, static_cast<std::uint32_t>(words.size()));
  sections_.back().words = std::move(words);
  return address;
}

void MemoryPlan::fill(std::uint32_t core, std::uint32_t address, std::vector<isa::Word> words) {
  for (auto& section : sections_)
    if (section.core == core && section.address == address) {
      std::copy(words.begin(), words.end(), section.words.begin());
      return;
    }
}

std::uint32_t MemoryPlan::largest_gap(std::uint32_t bank, std::int32_t first, std::int32_t last) const {
  const std::uint32_t limit = chip_.bank_words - *std::max_element(top_[bank].begin(), top_[bank].end());
  std::uint32_t at = 0, largest = 0;
  for (const Loan& loan : loans_[bank]) {
    if (loan.last < first || loan.first > last) continue;
    if (loan.start > at) largest = std::max(largest, std::min(loan.start, limit) - std::min(at, limit));
    at = std::max(at, loan.start + loan.words);
  }
  return std::max(largest, limit > at ? limit - at : 0);
}

std::uint32_t MemoryPlan::lend(std::uint32_t bank, std::uint32_t words, std::int32_t first, std::int32_t last,
                               const std::string& layer) {
  std::uint32_t at = 0;
  auto& loans = loans_[bank];
  for (const Loan& loan : loans) {
    if (loan.last < first || loan.first > last) continue;
    if (loan.start >= at + words) break;
    at = std::max(at, loan.start + loan.words);
  }
  const std::uint32_t limit = chip_.bank_words - *std::max_element(top_[bank].begin(), top_[bank].end());
  if (at + words > limit)
    throw Error(
        fmt::format("the network does not fit: layer '{}' needs {} words of 32 bytes in bank {} of every core, {} more "
                    "than are free there",
                    layer, words, bank, at + words - limit));
  const Loan loan{at, words, first, last};
  loans.insert(std::upper_bound(loans.begin(), loans.end(), loan,
                                [](const Loan& a, const Loan& b) { return a.start < b.start; }),
               loan);
  return bank * chip_.bank_words + at;
}

void MemoryPlan::check(const std::string& network) const {
  std::uint64_t lacking = 0, worst = 0;
  std::uint32_t worst_core = 0;
  for (std::uint32_t core = 0; core < chip_.cores(); ++core) {
    if (bottom_[core] <= chip_.bank_words) continue;
    lacking += bottom_[core] - chip_.bank_words;
    if (bottom_[core] > worst) {
      worst = bottom_[core];
      worst_core = core;
    }
  }
  if (lacking != 0)
    throw Error(
        fmt::format("{}: the network does not fit: weights and programs need {} KiB more than the {} KiB that the "
                    "static banks of the {} cores hold (most in core {}: {} of {} words)",
                    network, (lacking * 32 + 1023) / 1024, std::uint64_t{chip_.bank_words} * 32 * chip_.cores() / 1024,
                    chip_.cores(), worst_core, worst, chip_.bank_words));
  for (std::uint32_t bank = 0; bank < static_bank(); ++bank) {
    std::uint32_t high = 0;
    for (const Loan& loan : loans_[bank]) high = std::max(high, loan.start + loan.words);
    for (std::uint32_t core = 0; core < chip_.cores(); ++core)
      if (high + top_[bank][core] > chip_.bank_words)
        throw Error(
            fmt::format("{}: the network does not fit: bank {} of core {} would hold {} words of tensors and {} of "
                        "constants, {} more than it has",
                        network, bank, core, high, top_[bank][core], high + top_[bank][core] - chip_.bank_words));
  }
}

}  // namespace northpole::schedule
