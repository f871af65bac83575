#include "schedule/constants_room.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "network/error.h"

namespace northpole::schedule {

ConstantsRoom::ConstantsRoom(std::vector<std::uint32_t> constants, const chip::ChipDescription& chip,
                             const MemoryPlan& memory)
    : constants_(std::move(constants)) {
  const std::uint32_t banks = memory.static_bank();
  std::vector<std::pair<std::uint32_t, std::size_t>> words;
  std::uint32_t all = 0, largest = 0;
  for (std::size_t layer = 0; layer < constants_.size(); ++layer) {
    words.emplace_back(constants_[layer], layer);
    all += constants_[layer];
    largest = std::max(largest, constants_[layer]);
  }
  bool crowded = false;
  for (std::uint32_t bank = 0; bank < banks; ++bank)
    crowded = crowded || memory.free_words(bank) < chip.bank_words / 8 * 7;
  left_.assign(banks, std::min(all, (all + banks - 1) / banks * 3 / 2 + largest));
  if (crowded) {
    left_.assign(banks, 0);
    bank_.resize(constants_.size());
    std::stable_sort(words.begin(), words.end(), [](const auto& a, const auto& b) { return a.first > b.first; });
    for (const auto& [count, layer] : words) {
      std::uint32_t emptiest = 0;
      const auto room = [&](std::uint32_t bank) { return std::int64_t{memory.free_words(bank)} - left_[bank]; };
      for (std::uint32_t bank = 1; bank < banks; ++bank)
        if (room(bank) > room(emptiest)) emptiest = bank;
      left_[emptiest] += count;
      bank_[layer] = emptiest;
    }
  }
  for (std::uint32_t bank = 0; bank < banks; ++bank) left_[bank] = std::min(left_[bank], memory.free_words(bank));
}

std::uint32_t ConstantsRoom::take(std::size_t index, const std::string& layer, const std::vector<std::uint32_t>& before,
                                  const std::vector<std::uint32_t>& now) {
  const std::uint32_t words = constants_[index];
  // They are loaded while the layer before is in work, or else this one: better not from where a VMM reads then.
  const auto meets = [&](std::uint32_t bank) {
    const auto read = [&](const std::vector<std::uint32_t>& banks) {
      return std::find(banks.begin(), banks.end(), bank) != banks.end();
    };
    return (read(before) ? 2 : 0) + (read(now) ? 1 : 0);
  };
  const auto none = static_cast<std::uint32_t>(left_.size());
  std::uint32_t best = none;
  for (std::uint32_t bank = 0; bank < none; ++bank) {
    if (left_[bank] < words || (!bank_.empty() && bank_[index] != bank)) continue;
    if (best == none || meets(bank) < meets(best) || (meets(bank) == meets(best) && left_[bank] > left_[best]))
      best = bank;
  }
  if (best == none)
    throw Error(
        fmt::format("the network does not fit: the constants of layer '{}' need {} words of 32 bytes in one "
                    "bank of every core, more than are free there",
                    layer, words));
  left_[best] -= words;
  return best;
}

}  // namespace northpole::schedule
