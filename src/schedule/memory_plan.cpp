#include "schedule/memory_plan.h"

#include <fmt/format.h>

#include <algorithm>
#include <tuple>

#include "network/error.h"

namespace northpole::schedule {

MemoryPlan::MemoryPlan(const chip::ChipDescription& chip, std::uint32_t static_weights)
    : chip_(chip),
      static_weights_(static_weights),
      bottom_(chip.cores(), 0),
      top_(chip.banks, std::vector<std::uint32_t>(chip.cores(), 0)) {}

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
  section_at_[std::uint64_t{core} << 32 | address] = sections_.size();
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
  auto& section = sections_[section_at_.at(std::uint64_t{core} << 32 | address)];
  std::copy(words.begin(), words.end(), section.words.begin());
}

std::uint32_t MemoryPlan::reserve_weights(std::uint32_t core, std::uint16_t tag, std::uint32_t words) {
  if (bottom_[core] + words <= static_weights_) return reserve(core, static_bank(), tag, words);
  std::uint32_t bank = 0;
  for (std::uint32_t other = 1; other < static_bank(); ++other)
    if (top_[other][core] < top_[bank][core]) bank = other;
  return reserve(core, bank, tag, words);
}

std::vector<std::uint32_t> MemoryPlan::keepers(std::uint32_t count, const std::vector<bool>& users, std::uint32_t words,
                                               std::uint32_t rotation, const LinkLoad& load) const {
  std::uint32_t least = ~0U;
  for (std::uint32_t core = 0; core < chip_.cores(); ++core) least = std::min(least, staying_words(core));
  // What does not fit into the static banks takes room from activations: as much in all cores, but for what is placed
  // now.
  const std::uint32_t fuller = least < static_weights_ ? chip_.bank_words / 4 : std::max(chip_.bank_words / 32, words);
  struct Keeper {
    bool full = false;
    std::uint32_t distance = 0, turn = 0, core = 0;
    auto key() const { return std::tuple(full, distance, turn); }
  };
  std::vector<Keeper> order;
  for (std::uint32_t core = 0; core < chip_.cores(); ++core) {
    Keeper keeper;
    keeper.core = core;
    keeper.full = staying_words(core) > least + fuller;
    keeper.distance = ~0U;
    for (std::uint32_t user = 0; user < chip_.cores() && keeper.distance != 0; ++user) {
      if (!users[user]) continue;
      const auto apart = [](std::uint32_t a, std::uint32_t b) { return a > b ? a - b : b - a; };
      keeper.distance = std::min(keeper.distance, apart(core / chip_.columns, user / chip_.columns) +
                                                      apart(core % chip_.columns, user % chip_.columns));
    }
    keeper.turn = (core + chip_.cores() - rotation % chip_.rows * chip_.columns) % chip_.cores();
    order.push_back(keeper);
  }
  std::sort(order.begin(), order.end(), [](const Keeper& a, const Keeper& b) { return a.key() < b.key(); });
  std::vector<std::uint32_t> result;
  while (result.size() < count) {
    auto best = order.begin();
    std::pair least{~std::uint64_t{0}, ~0U};  // streams like this one that share a link with it, words
    for (auto keeper = order.begin();
         keeper != order.end() && keeper->full == order[0].full && keeper->distance == order[0].distance; ++keeper) {
      const auto place = static_cast<std::uint32_t>(result.size());
      const std::pair key{load(place, keeper->core) / words, staying_words(keeper->core)};
      if (key >= least) continue;
      least = key;
      best = keeper;
    }
    result.push_back(best->core);
    order.erase(best);
  }
  return result;
}

std::uint32_t MemoryPlan::place_in_groups(std::uint32_t core, std::uint32_t group_cores, std::uint32_t bank,
                                          std::uint16_t tag, const std::vector<isa::Word>& words) {
  std::uint32_t taken = 0;
  for (std::uint32_t c = core; c < chip_.cores(); c += group_cores) taken = std::max(taken, top_[bank][c]);
  std::uint32_t address = 0;
  for (std::uint32_t c = core; c < chip_.cores(); c += group_cores) {
    top_[bank][c] = taken;
    address = place(c, bank, tag, words);
  }
  return address;
}

std::uint32_t MemoryPlan::free_words(std::uint32_t bank) const {
  const std::uint32_t taken = *std::max_element(top_[bank].begin(), top_[bank].end());
  return chip_.bank_words - std::min(taken, chip_.bank_words);
}

std::uint32_t MemoryPlan::staying_words(std::uint32_t core) const {
  std::uint32_t words = bottom_[core];
  for (const auto& bank : top_) words += bank[core];
  return words;
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
  for (std::uint32_t bank = 0; bank < static_bank(); ++bank)
    for (std::uint32_t core = 0; core < chip_.cores(); ++core)
      if (top_[bank][core] > chip_.bank_words)
        throw Error(
            fmt::format("{}: the network does not fit: bank {} of core {} would hold {} words of weights and "
                        "constants, {} more than it has",
                        network, bank, core, top_[bank][core], top_[bank][core] - chip_.bank_words));
}

}  // namespace northpole::schedule
