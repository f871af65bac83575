#include "schedule/buffers.h"

#include <fmt/format.h>

#include <algorithm>
#include <deque>
#include <optional>

#include "network/error.h"

namespace northpole::schedule {

namespace {

struct Place {
  std::uint32_t start = 0;
  Cycle free_from = 0;
};

// The window of `words` words whose latest cycle is earliest; of equals the lowest.
std::optional<Place> best_window(const std::vector<Cycle>& cycles, std::uint32_t words, Cycle held) {
  std::optional<Place> best;
  std::deque<std::uint32_t> falling;  // indices of the window's maximum and of those that follow it
  for (std::uint32_t i = 0; i < cycles.size(); ++i) {
    while (!falling.empty() && cycles[falling.back()] <= cycles[i]) falling.pop_back();
    falling.push_back(i);
    if (i + 1 < words) continue;
    const std::uint32_t start = i + 1 - words;
    while (falling.front() < start) falling.pop_front();
    const Cycle latest = cycles[falling.front()];
    if (latest != held && (!best || latest < best->free_from)) best = Place{start, latest};
  }
  return best;
}

}  // namespace

Buffers::Buffers(const chip::ChipDescription& chip, std::vector<std::uint32_t> limit) : bank_words_(chip.bank_words) {
  for (const std::uint32_t words : limit) free_from_.emplace_back(words, 0);
}

Buffer Buffers::take(const std::vector<std::uint32_t>& banks, std::uint32_t words, Cycle wanted, Cycle price,
                     const std::string& layer) {
  std::optional<Place> best;
  Cycle least = 0;
  std::uint32_t bank = 0;
  for (std::size_t i = 0; i < banks.size(); ++i) {
    const auto place = best_window(free_from_[banks[i]], words, held);
    if (!place) continue;
    const Cycle late = place->free_from > wanted ? place->free_from - wanted : 0, cost = late + i * price;
    if (best && cost >= least) continue;
    best = place;
    least = cost;
    bank = banks[i];
  }
  if (!best) {
    std::uint32_t largest = 0;
    for (const std::uint32_t candidate : banks) {
      std::uint32_t run = 0;
      for (const Cycle cycle : free_from_[candidate]) {
        run = cycle == held ? 0 : run + 1;
        largest = std::max(largest, run);
      }
    }
    throw Error(
        fmt::format("the network does not fit: layer '{}' needs {} words of 32 bytes in one bank of every core, {} more "
                    "than are free there",
                    layer, words, words - largest));
  }
  std::fill_n(free_from_[bank].begin() + best->start, words, held);
  used_ += words;
  most_ = std::max(most_, used_);
  return {bank * bank_words_ + best->start, words, best->free_from};
}

void Buffers::release(const Buffer& buffer, Cycle from) {
  std::fill_n(free_from_[buffer.base / bank_words_].begin() + buffer.base % bank_words_, buffer.words, from);
  used_ -= buffer.words;
}

}  // namespace northpole::schedule
